-- What agents did. `{condition}` is compiled from the query language, its values bound; `{key}` says who an agent is.

-- name: handled
-- The calls that each agent talked on, for how long, and hold and transfers of these calls; who came on twice counts once.
SELECT agent, anyLast(who), count(), sum(talked) / 1000, countIf(isNotNull(talked)),
    sum(hold_ms) / 1000, countIf(isNotNull(hold_ms)), countIf(transfer_count > 0)
FROM
(
    SELECT {key} AS agent, id, any(name) AS who, if(countIf(isNull(spoken)) > 0, NULL, sum(spoken)) AS talked, any(hold_ms) AS hold_ms,
        any(transfer_count) AS transfer_count
    FROM calls ARRAY JOIN agent_extensions AS extension, agent_names AS name, agent_talk_ms AS spoken
    WHERE {scope} AND ({condition}) GROUP BY agent, id
)
GROUP BY agent

-- name: rings
-- The calls in that each phone of ours was part of, and those of them that nobody talked on it. Where it is not known who
-- answered, it is not known whether this phone did.
SELECT {key}, count(), countIf(NOT has(agent_extensions, phone))
FROM calls ARRAY JOIN extensions AS phone
WHERE {scope} AND ({condition}) AND direction = 'inbound' AND NOT (outcome = 'answered' AND empty(agent_extensions))
GROUP BY phone
