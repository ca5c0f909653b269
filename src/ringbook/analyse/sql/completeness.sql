-- Which calls should have been recorded, and were. What the program puts in: `{rules}` says for a call which rule speaks of it
-- first (0: none), `{listed}` whether it is on a do-not-record list, `{asked}` which calls are asked about, `{fits}` whether an
-- unmatched recording may be of it, `{of}` the call that a recording is of. A call's start moves by clocks set right, hours and
-- days, not by a month: `opened_at`, and the ids of calls that recordings name, are looked for that far around the period.

-- name: judged
-- Each call that a rule wants recorded, with what became of that: the base of all others.
SELECT id, started_at, queue, agent_extensions, agent_names, sources, talk_ms, recording_count, rule, kept_ms,
    multiIf(
        listed, 'do_not_record',
        id GLOBAL IN {refused:Array(UUID)}, 'refused',
        playable + gone > 0 AND (isNull(talk_ms) OR unmeasured + gone > 0 OR kept_ms >= talk_ms * {least:Float64}), 'recorded',
        playable > 0, 'too_short',
        broken > 0, 'decode_error',
        ended_at > fromUnixTimestamp64Micro({settled:Int64}, 'UTC'), 'waiting',
        fits, 'unmatched',
        'no_file'
    ) AS verdict
FROM
(
    SELECT id, started_at, toString(queue) AS queue, agent_extensions, agent_names, sources, talk_ms, recording_count,
        coalesce(ended_at, addMilliseconds(started_at, ifNull(duration_ms, 0))) AS ended_at,
        {rules} AS rule, ({listed}) AS listed, ({fits}) AS fits
    FROM calls
    WHERE {scope} AND outcome = 'answered' AND ifNull(talk_ms, 1) > 0 AND NOT has(sources, 'by-hand')
        AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
        AND opened_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC') + INTERVAL 32 DAY
        AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
        AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
        AND ({asked})
) AS c
GLOBAL LEFT JOIN
(
    SELECT toUUIDOrZero({of}) AS recorded, countIf(destroyed = 0 AND problem = 0) AS playable,
        countIf(problem = 1) AS broken, countIf(destroyed = 1 AND problem = 0) AS gone,
        countIf(destroyed = 0 AND problem = 0 AND isNull(length_ms)) AS unmeasured,
        toInt64(greatest(
            maxIf(ifNull(length_ms, 0), destroyed = 0 AND problem = 0),
            intervalLengthSumIf(began_ms, began_ms + ifNull(length_ms, 0), destroyed = 0 AND problem = 0 AND began_ms > 0)
        )) AS kept_ms
    FROM
    (
        SELECT call, destroyed, problem, toInt64(round(JSONExtract(detail, 'duration_s', 'Nullable(Float64)') * 1000)) AS length_ms,
            ifNull(toUnixTimestamp64Milli(started_at), toInt64(0)) AS began_ms
        FROM recordings
        PREWHERE id IN
        (
            SELECT id FROM recordings WHERE tenant = {tenant:String} AND call >= {first_id:String} AND call < {last_id:String}
        )
        WHERE tenant = {tenant:String} AND notEmpty(call)
    )
    GROUP BY recorded
) AS r ON c.id = r.recorded
WHERE rule > 0 AND cityHash64(concat(arrayElement({rule_ids:Array(String)}, rule), toString(id))) % 10000
    < arrayElement({shares:Array(UInt32)}, rule)

-- name: fitting
-- Calls within whose time a recording began that was joined to no call.
SELECT id FROM
(
    SELECT id, arrayJoin(sources) AS source, started_at - INTERVAL 60 SECOND AS earliest,
        coalesce(ended_at, addMilliseconds(started_at, ifNull(duration_ms, 0))) + INTERVAL 60 SECOND AS latest
    FROM calls
    WHERE {scope} AND outcome = 'answered'
        AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
        AND opened_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC') + INTERVAL 32 DAY
        AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
        AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
) AS c
GLOBAL ASOF INNER JOIN
(
    SELECT toString(source) AS source, assumeNotNull(started_at) AS at FROM recordings
    WHERE tenant = {tenant:String} AND empty(call) AND destroyed = 0 AND isNotNull(started_at)
        AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 2 DAY
        AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC') + INTERVAL 2 DAY
) AS u ON c.source = u.source AND c.earliest <= u.at
WHERE u.at <= latest

-- name: unmatched
-- How many recordings of the period were joined to no call.
SELECT count() FROM recordings
WHERE tenant = {tenant:String} AND empty(call) AND destroyed = 0 AND isNotNull(started_at)
    AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 2 DAY
    AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC') + INTERVAL 2 DAY

-- name: joined_on
-- The calls that recordings name and that were joined into others.
SELECT toString(id), toString(leads_to) FROM aliases
WHERE tenant = {tenant:String} AND id != leads_to AND id GLOBAL IN
(
    SELECT toUUIDOrZero(call) FROM recordings
    WHERE tenant = {tenant:String} AND call >= {first_id:String} AND call < {last_id:String}
)

-- name: counts
-- How many calls of each day, queue, source and rule came out each way.
SELECT toString(toDate(started_at, {zone:String})) AS day, queue, toString(arrayElement(sources, 1)) AS source, rule, verdict, count()
FROM ({judged})
GROUP BY day, queue, source, rule, verdict

-- name: agents
-- How many calls of each person came out each way; a call counts for everybody who talked on it.
SELECT agent.1 AS extension, any(agent.2) AS name, verdict, count()
FROM
(
    SELECT verdict, arrayJoin(if(empty(agent_extensions), [('', '')], arrayZip(agent_extensions, agent_names))) AS agent FROM ({judged})
)
GROUP BY extension, verdict

-- name: calls
-- The calls that came out some ways, the newest first, after a place.
SELECT toString(id), verdict, rule, kept_ms / 1000, recording_count, toUnixTimestamp64Micro(started_at)
FROM ({judged})
WHERE verdict IN {verdicts:Array(String)} AND ({within})
    AND (toUnixTimestamp64Micro(started_at), toString(id)) < ({before:Int64}, {before_id:String})
ORDER BY started_at DESC, toString(id) DESC LIMIT {limit:UInt64}

-- name: listed
-- What the vault keeps of calls that are on the do-not-record list, with the places of the entries (`{places}`).
SELECT recording, toString(c.id), received, c.places
FROM
(
    SELECT toString(id) AS recording, toUUIDOrZero({of}) AS recorded, toUnixTimestamp64Micro(received_at) AS received
    FROM recordings WHERE tenant = {tenant:String} AND destroyed = 0 AND notEmpty(call)
) AS r
GLOBAL INNER JOIN (SELECT id, {places} AS places FROM calls WHERE {scope} AND ({listed})) AS c ON r.recorded = c.id
ORDER BY received DESC, recording

-- name: countries
-- The recorded calls of a period by the beginning of the outside number: how many, how many of them with a prompt played or announced,
-- agreed to, refused. What somebody said goes before what the call's steps show.
SELECT beginning, count(), countIf(state = {states:Array(String)}[1] OR (state = '' AND prompted)), countIf(state = {states:Array(String)}[2]),
    countIf(state = {states:Array(String)}[3])
FROM
(
    SELECT left(if(direction = 'outbound', to_number, from_number), {letters:UInt8}) AS beginning, a.state AS state,
        multiSearchAny(lower(detail), {prompts:Array(String)}) AS prompted
    FROM calls AS c
    GLOBAL LEFT JOIN
    (
        SELECT call, fields['recording.consent'] AS state FROM annotations WHERE tenant = {tenant:String}
    ) AS a ON c.id = a.call
    WHERE {scope} AND direction IN ('inbound', 'outbound')
        AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
        AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
        AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
        AND id GLOBAL IN
        (
            SELECT toUUIDOrZero(call) FROM recordings WHERE tenant = {tenant:String} AND destroyed = 0 AND notEmpty(call)
            UNION ALL
            SELECT leads_to FROM aliases WHERE tenant = {tenant:String} AND id GLOBAL IN
            (
                SELECT toUUIDOrZero(call) FROM recordings WHERE tenant = {tenant:String} AND destroyed = 0 AND notEmpty(call)
            )
        )
)
WHERE startsWith(beginning, '+')
GROUP BY beginning
