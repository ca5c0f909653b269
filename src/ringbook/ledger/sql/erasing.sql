-- Removing for good, and what was removed.

-- name: frames_of
-- The frames that some calls rest on.
SELECT DISTINCT lower(hex(arrayJoin(frames))) FROM calls
WHERE tenant = {tenant:String} AND opened_at BETWEEN fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN {ids:Array(UUID)}

-- name: sources_of
-- The sources of those of some frames that are there; the ids are put in as literals, being thousands.
SELECT lower(hex(id)), source FROM frames
WHERE tenant = {tenant:String} AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN ({ids})

-- name: live
-- Those of some calls that are there.
SELECT toString(id) FROM calls
WHERE tenant = {tenant:String} AND opened_at BETWEEN fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN {ids:Array(UUID)}

-- name: annotated
-- Those of some calls that somebody added something to.
SELECT toString(call) FROM annotations WHERE tenant = {tenant:String} AND call IN {ids:Array(UUID)}

-- name: named
-- How many of some numbers have rows, whether they name somebody or nobody any more.
SELECT count() FROM named_numbers WHERE tenant = {tenant:String} AND cityHash64(number) IN {numbers:Array(UInt64)}

-- name: hashes
-- How the engine hashes numbers: statements that stay in its files name them by that.
SELECT arrayMap(x -> cityHash64(x), {numbers:Array(String)}) WHERE {tenant:String} != ''

-- name: delete_frames
-- Hide frames by their ids.
DELETE FROM frames
WHERE tenant = {tenant:String} AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN ({ids})

-- name: delete_retellings
-- Hide who told frames again.
DELETE FROM retellings WHERE tenant = {tenant:String} AND id IN ({ids})

-- name: delete_keys
-- Hide the keys of calls.
DELETE FROM keys WHERE tenant = {tenant:String} AND call IN {ids:Array(UUID)}

-- name: delete_aliases
-- Hide where ids lead, if they are of some calls.
DELETE FROM aliases WHERE tenant = {tenant:String} AND (id IN {ids:Array(UUID)} OR leads_to IN {ids:Array(UUID)})

-- name: delete_annotations
-- Hide what people added to calls.
DELETE FROM annotations WHERE tenant = {tenant:String} AND call IN {ids:Array(UUID)}

-- name: delete_calls
-- Hide all revisions of calls.
DELETE FROM calls
WHERE tenant = {tenant:String} AND opened_at BETWEEN fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN {ids:Array(UUID)}

-- name: delete_recordings
-- Hide what was told about recordings before they were destroyed.
DELETE FROM recordings WHERE tenant = {tenant:String} AND id IN {ids:Array(UUID)} AND destroyed = 0

-- name: delete_numbers
-- Hide whose numbers are.
DELETE FROM named_numbers WHERE tenant = {tenant:String} AND cityHash64(number) IN {numbers:Array(UInt64)}

-- name: delete_tallies
-- Hide the accounts of an origin.
DELETE FROM tallies
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String} AND mark = {mark:String}

-- name: delete_positions
-- Hide how far an origin was read.
DELETE FROM positions
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String} AND mark = {mark:String}

-- name: delete_retold_by
-- Hide what an origin told again.
DELETE FROM retellings
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String} AND mark = {mark:String}

-- name: erased
-- Those of some ids of a kind that were removed.
SELECT kind, id, warrant, ground, reference, by, toUnixTimestamp64Micro(at) FROM erasures
WHERE tenant = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}

-- name: any_removed
-- A row if a frame was removed that is not taken in again, between two ids.
SELECT 1 FROM erasures
WHERE tenant = {tenant:String} AND kind = 'frame' AND source = {source:String} AND ground != 'undo'
  AND id BETWEEN {least:String} AND {most:String} LIMIT 1

-- name: not_again
-- Those of some frames between two ids that were removed and are not taken in again; they are put in as literals, being thousands.
SELECT toFixedString(unhex(id), 16) FROM erasures
WHERE tenant = {tenant:String} AND kind = 'frame' AND source = {source:String} AND ground != 'undo'
  AND id BETWEEN {least:String} AND {most:String} AND id IN ({ids})

-- name: imports
-- The accounts of each file that was read for a source, together.
SELECT source, origin, mark, sum(frames), sum(stated), sum(rejected), sum(noise), sum(repeated), sum(size),
    toUnixTimestamp64Micro(min(at)), toUnixTimestamp64Micro(max(at))
FROM tallies WHERE tenant = {tenant:String} AND startsWith(origin, '/')
GROUP BY source, origin, mark ORDER BY max(at) DESC, source, origin, mark

-- name: brought
-- The frames that a file brought first, in order of their ids, after one of them.
SELECT lower(hex(id)) FROM frames
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String}
  AND received_at > fromUnixTimestamp64Micro({since:Int64}, 'UTC') AND received_at <= fromUnixTimestamp64Micro({until:Int64}, 'UTC')
  AND id > unhex({after:String})
ORDER BY id LIMIT {limit:UInt64}

-- name: retold
-- Who told some frames of a source again; the ids are put in as literals, being thousands.
SELECT lower(hex(id)), origin, mark, start, offset, toUnixTimestamp64Micro(received_at) FROM retellings
WHERE tenant = {tenant:String} AND source = {source:String} AND id IN ({ids})
ORDER BY id, received_at, origin, mark, start

-- name: resting_on
-- The calls near a time that rest on any of some frames; their ids are put in as literals, being thousands.
SELECT DISTINCT toString(id) FROM
(
    SELECT id, arrayJoin(frames) AS frame FROM calls
    WHERE tenant = {tenant:String} AND opened_at BETWEEN fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND fromUnixTimestamp64Milli({until:Int64}, 'UTC')
)
WHERE frame IN ({ids})

-- name: tally
-- The account of one batch of a file.
SELECT source, origin, mark, start, stop, size, frames, stated, rejected, noise, repeated, toUnixTimestamp64Micro(at) FROM tallies
WHERE tenant = {tenant:String} AND source = {source:String} AND origin = {origin:String} AND mark = {mark:String} AND start = {start:UInt64}

-- name: vague
-- Which origins told records again before it was kept which ones.
SELECT DISTINCT source, origin, mark FROM tallies
WHERE tenant = {tenant:String} AND repeated > 0 AND at < fromUnixTimestamp64Micro({since:Int64}, 'UTC')

-- name: told_first
-- How many frames some files (`{of_files}`) brought first, and how many of these others (`{of_others}`) told again.
SELECT count(), countIf(id GLOBAL IN (SELECT id FROM retellings WHERE tenant = {tenant:String} AND {of_others})) FROM frames
WHERE tenant = {tenant:String} AND {of_files}

-- name: resting_only
-- How many calls rest on nothing but frames that go, on how many of these people wrote, and how many rest on other frames, too.
WITH going AS
(
    SELECT id FROM frames WHERE tenant = {tenant:String} AND {of_files}
      AND id GLOBAL NOT IN (SELECT id FROM retellings WHERE tenant = {tenant:String} AND {of_others})
)
SELECT countIf(left = 0), countIf(left = 0 AND call GLOBAL IN (SELECT call FROM annotations WHERE tenant = {tenant:String})), countIf(left > 0)
FROM
(
    SELECT call, countIf(frame GLOBAL NOT IN going) AS left, count() AS whole
    FROM (SELECT id AS call, arrayJoin(frames) AS frame FROM calls WHERE tenant = {tenant:String})
    GROUP BY call HAVING left < whole
)

-- name: resting_calls
-- The calls that rest on any of the frames that go.
WITH going AS
(
    SELECT id FROM frames WHERE tenant = {tenant:String} AND {of_files}
      AND id GLOBAL NOT IN (SELECT id FROM retellings WHERE tenant = {tenant:String} AND {of_others})
)
SELECT toString(id) FROM calls WHERE tenant = {tenant:String} AND arrayExists(frame -> frame GLOBAL IN going, frames) ORDER BY id
