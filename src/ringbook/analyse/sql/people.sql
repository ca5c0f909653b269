-- What agents did. `{condition}` is compiled from the query language, its values bound; `{key}` says who an agent is.

-- name: handled
-- The calls that each agent talked on, for how long, and hold and transfers of these calls; who came on twice counts once, and
-- it is not known how long they talked where that is not known of one of the times.
SELECT agent, anyLast(name), countIf(turn = 1) AS calls, sumIf(spoken, known) / 1000, countIf(turn = 1 AND known),
    sumIf(hold_ms, turn = 1) / 1000, countIf(turn = 1 AND isNotNull(hold_ms)), countIf(turn = 1 AND transfer_count > 0)
FROM
(
    SELECT arrayMap((extension, name) -> {key}, agent_extensions, agent_names) AS agents, agent_names, agent_talk_ms, hold_ms, transfer_count
    FROM calls WHERE {scope} AND ({condition})
)
ARRAY JOIN agents AS agent, agent_names AS name, agent_talk_ms AS spoken, arrayEnumerateUniq(agents) AS turn,
    arrayMap(who -> NOT arrayExists((each, took) -> each = who AND isNull(took), agents, agent_talk_ms), agents) AS known
GROUP BY agent

-- name: rings
-- The calls in that each phone of ours was part of, and those of them that nobody talked on it. Where it is not known who
-- answered, it is not known whether this phone did.
SELECT {key}, count(), countIf(NOT has(agent_extensions, phone))
FROM calls ARRAY JOIN extensions AS phone
WHERE {scope} AND ({condition}) AND direction = 'inbound' AND NOT (outcome = 'answered' AND empty(agent_extensions))
GROUP BY phone
