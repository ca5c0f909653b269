-- What happened with some outside numbers. `{condition}` is compiled from the query language, its values bound.

-- name: summary
-- How often, since when and how long somebody was spoken to.
SELECT count(), toUnixTimestamp64Micro(minOrNull(started_at)), toUnixTimestamp64Micro(maxOrNull(started_at)),
    countIf(outcome = 'answered'), countIf(direction = 'inbound' AND outcome IN ('missed', 'abandoned', 'voicemail')),
    countIf(direction = 'inbound'), countIf(direction = 'outbound'),
    sumOrNull(talk_ms) / 1000, countIf(outcome = 'answered' AND isNull(talk_ms))
FROM calls WHERE {scope} AND ({condition})

-- name: last_of
-- When the last call with each of some numbers began.
SELECT if(direction = 'outbound', to_number, from_number) AS number, toUnixTimestamp64Micro(max(started_at))
FROM calls
WHERE {scope} AND direction IN ('inbound', 'outbound')
    AND (from_number IN {numbers:Array(String)} OR to_number IN {numbers:Array(String)})
GROUP BY number HAVING has({numbers:Array(String)}, number)

-- name: recent
-- The outside numbers in the order of their last calls, from a place on.
SELECT number, last FROM
(
    SELECT if(direction = 'outbound', to_number, from_number) AS number, toUnixTimestamp64Micro(max(started_at)) AS last
    FROM calls WHERE {scope} AND direction IN ('inbound', 'outbound')
    GROUP BY number HAVING number != ''
)
WHERE (last, number) < ({last:Int64}, {number:String})
ORDER BY last DESC, number DESC LIMIT {most:UInt64}
