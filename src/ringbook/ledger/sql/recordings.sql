-- Reading the catalogue of recordings.

-- name: by_id
-- Recordings by id, those that were destroyed included.
SELECT detail FROM recordings WHERE tenant = {tenant:String} AND id IN {ids:Array(UUID)}

-- name: any
-- A row if there is any recording.
SELECT 1 FROM recordings WHERE tenant = {tenant:String} LIMIT 1

-- name: ever_of_calls
-- The ids of recordings that are joined to some calls, or once were.
SELECT DISTINCT toString(id) FROM recordings WHERE tenant = {tenant:String} AND call IN {calls:Array(String)}

-- name: of_calls
-- The recordings that are joined to some calls, in order of time, among some that once were: their newest revisions, found
-- without FINAL, which would read the whole detail of every row around them.
SELECT newest.1, newest.2 FROM
(
  SELECT argMax((call, detail, destroyed, ifNull(started_at, received_at), name), version) AS newest FROM recordings
  PREWHERE tenant = {tenant:String} AND id IN {ids:Array(UUID)} GROUP BY id
)
WHERE newest.3 = 0 AND newest.1 IN {calls:Array(String)} ORDER BY newest.4, newest.5

-- name: joined_into
-- Which calls were joined into some calls, one step.
SELECT toString(id), toString(leads_to) FROM aliases
WHERE tenant = {tenant:String} AND leads_to IN {calls:Array(UUID)} AND id != leads_to

-- name: same
-- Recordings of a source with the same content.
SELECT detail FROM recordings WHERE tenant = {tenant:String} AND source = {source:String} AND sha256 = {sha256:String}

-- name: page
-- Recordings that satisfy a condition (put in by the program), the last received first, after a place.
SELECT detail FROM recordings
WHERE tenant = {tenant:String} AND destroyed = 0 AND ({condition})
  AND (received_at, toString(id)) < (fromUnixTimestamp64Micro({before:Int64}, 'UTC'), {before_id:String})
ORDER BY received_at DESC, toString(id) DESC LIMIT {limit:UInt64}

-- name: totals
-- How many recordings there are, how many of them are joined, cannot be played or were destroyed, and the bytes they take.
SELECT countIf(destroyed = 0), countIf(destroyed = 0 AND notEmpty(call)), countIf(destroyed = 0 AND problem = 1), countIf(destroyed = 1),
  sumIf(bytes, destroyed = 0)
FROM recordings WHERE tenant = {tenant:String}

-- name: growth
-- Day by day since then: how many recordings came, and the bytes that those still there take.
SELECT toString(toDate(received_at, 'UTC')) AS day, count(), sumIf(bytes, destroyed = 0)
FROM recordings WHERE tenant = {tenant:String} AND received_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
GROUP BY day ORDER BY day
