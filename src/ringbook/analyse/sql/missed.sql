-- Who was missed and not called back. An outside number is the caller's of an inbound call and the called one's of an
-- outbound call. `{lost}` says which calls were missed; it is put in by the program, its values bound. An event is the
-- instant (microseconds) times four, plus 0 for a lost call, 1 for one that a person answered, 2 for an attempt of ours that
-- nobody answered. `opened_at` leads to the parts of the store to be read: the start of a call moves by clocks set right, hours
-- and days, not by a month.

-- name: tried
-- Everybody who was missed in a period, by number; callers who withhold theirs stand alone, a call each.
SELECT number, countIf(lost) AS tries, arraySort(groupArray(at * 4 + kind)) AS events,
    countIf(lost AND outcome = 'missed'), countIf(lost AND outcome = 'abandoned'), countIf(lost AND outcome = 'voicemail'),
    arraySort(groupUniqArrayIf(toString(queue), lost AND queue != '')),
    arraySort(groupUniqArrayIf(dialled, lost AND dialled != '')),
    maxOrNullIf(waited, lost) / 1000,
    toString(argMaxIf(call, (at, call), lost)), argMaxIf(name, (at, call), lost AND name != '')
FROM
(
    SELECT if(direction = 'outbound', to_number, from_number) AS written, if(match(written, '[0-9]'), written, '') AS number,
        toUnixTimestamp64Micro(started_at) AS at, ({lost}) AS lost, multiIf(lost, 0, outcome = 'answered', 1, direction = 'outbound', 2, 3) AS kind,
        outcome, queue, if(notEmpty(dialled), dialled, to_number) AS dialled, ifNull(wait_ms, duration_ms) AS waited,
        id AS call, from_name AS name
    FROM calls
    WHERE {scope} AND direction IN ('inbound', 'outbound')
        AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
        AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
        AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
)
WHERE kind < 3
GROUP BY number, if(empty(number), call, toUUID('00000000-0000-0000-0000-000000000000'))
HAVING tries > 0
ORDER BY max(at) DESC
LIMIT {most:UInt64}

-- name: spoken
-- What happened with some further numbers in a period.
SELECT if(direction = 'outbound', to_number, from_number) AS number,
    arraySort(groupArray(toUnixTimestamp64Micro(started_at) * 4 + if(outcome = 'answered', 1, 2)))
FROM calls
WHERE {scope} AND direction IN ('inbound', 'outbound') AND (outcome = 'answered' OR direction = 'outbound')
    AND has({numbers:Array(String)}, if(direction = 'outbound', to_number, from_number))
    AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
    AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
    AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
GROUP BY number

-- name: returned
-- The calls that began at some instants with some numbers: who of ours spoke, or tried to.
SELECT if(direction = 'outbound', to_number, from_number), toUnixTimestamp64Micro(started_at), toString(id), toString(direction),
    agent_extensions, agent_names, from_number, from_name, talk_ms / 1000
FROM calls
WHERE {scope} AND direction IN ('inbound', 'outbound')
    AND opened_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') - INTERVAL 32 DAY
    AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
    AND started_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
    AND has({instants:Array(Int64)}, toUnixTimestamp64Micro(started_at))
    AND has({numbers:Array(String)}, if(direction = 'outbound', to_number, from_number))
ORDER BY id
