-- Reading the accounts.

-- name: position
-- How far one origin has been read.
SELECT source, origin, mark, offset, base64Encode(context), format FROM positions
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String} AND mark = {mark:String}

-- name: positions
-- How far all origins of a source (or of all) have been read; `beginning` restricts them to some (`/`: files).
SELECT source, origin, mark, offset, base64Encode(context), format FROM positions
WHERE tenant = {tenant:String} AND ({source:String} = '' OR source = {source:String})
  AND startsWith(origin, {beginning:String}) ORDER BY source, origin, mark

-- name: positions_of
-- How far some origins of a source have been read.
SELECT source, origin, mark, offset, base64Encode(context), format FROM positions
WHERE tenant = {tenant:String} AND source = {source:String} AND origin IN {origins:Array(String)}

-- name: tallies
-- All accounts, in the order in which their origins were read.
SELECT source, origin, mark, start, stop, size, frames, stated, rejected, noise, repeated, toUnixTimestamp64Micro(at)
FROM tallies WHERE tenant = {tenant:String} ORDER BY source, origin, mark, start, stop

-- name: throughput
-- How many records each source brought, step by step since an instant.
SELECT source, toUnixTimestamp(toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC')) AS step, sum(frames), sum(rejected)
FROM tallies WHERE tenant = {tenant:String} AND at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
GROUP BY source, step ORDER BY source, step
