-- Reading frames.

-- name: ids_within
-- How many frames of a source state a time between two instants.
SELECT count() FROM frames
WHERE tenant = {tenant:String} AND source = {source:String}
  AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')

-- name: all_ids
-- The ids of those frames.
SELECT id FROM frames
WHERE tenant = {tenant:String} AND source = {source:String}
  AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')

-- name: known
-- Which of some ids are there; they are put in as literals, being thousands.
SELECT id FROM frames
WHERE tenant = {tenant:String} AND source = {source:String}
  AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND id IN ({ids})

-- name: all_within
-- How many frames of any source state a time between two instants.
SELECT count() FROM frames
WHERE tenant = {tenant:String}
  AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')

-- name: by_id
-- Frames of whatever source that state a time between two instants: all, or those whose ids are put in as literals.
SELECT {fields} FROM frames
WHERE tenant = {tenant:String}
  AND stated_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND {some}

-- name: between
-- Frames in order of source and stated time, after a given one: one chunk of a walk.
SELECT {fields} FROM frames
WHERE tenant = {tenant:String} AND ({source:String} = '' OR source = {source:String})
  AND stated_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND stated_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
  AND (source, id) > ({after_source:String}, toFixedString(base64Decode({after:String}), 16))
ORDER BY source, id LIMIT {limit:UInt64}

-- name: rejects
-- Rejected frames, the last received first, after a cursor.
SELECT {fields} FROM frames
WHERE tenant = {tenant:String} AND kind = 'rejected'
  AND ({source:String} = '' OR source = {source:String}) AND ({reason:String} = '' OR reason = {reason:String})
  AND (received_at, id) < (fromUnixTimestamp64Micro({before:Int64}, 'UTC'), toFixedString(base64Decode({before_id:String}), 16))
ORDER BY received_at DESC, id DESC LIMIT {limit:UInt64}

-- name: reasons
-- How many frames of each source were rejected or noise, by reason.
SELECT source, kind, reason, count() FROM frames
WHERE tenant = {tenant:String} AND kind != 'stated' GROUP BY source, kind, reason ORDER BY source, kind, reason

-- name: per_source
-- What came from each source, and how much of it lately.
SELECT source, count(), countIf(kind = 'rejected'), countIf(kind = 'noise'),
    toUnixTimestamp64Micro(max(received_at)), toUnixTimestamp64Micro(max(stated_at)),
    countIf(received_at >= fromUnixTimestamp64Micro({hour_ago:Int64}, 'UTC')),
    countIf(received_at >= fromUnixTimestamp64Micro({day_ago:Int64}, 'UTC')),
    groupUniqArray(format)
FROM frames WHERE tenant = {tenant:String} GROUP BY source ORDER BY source
