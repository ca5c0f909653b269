-- Reading calls.

-- name: calls_where
-- Full calls that satisfy a condition (`{condition}` is put in by the program), in a given order. Values are bound.
SELECT {fields} FROM calls WHERE {scope} AND ({condition}) ORDER BY {order} LIMIT {limit:UInt64}

-- name: places_where
-- Only the ids of such calls, which are also their places: what a page needs before it fetches its rows.
SELECT id FROM calls
WHERE {scope} AND ({condition}) ORDER BY {order} LIMIT {limit:UInt64}

-- name: count_where
-- How many calls satisfy a condition.
SELECT count() FROM calls WHERE {scope} AND ({condition})

-- name: by_id
-- Full calls by id, all revisions there are, and whether each is within the scope and satisfies a condition; all opened between two instants. Their
-- place in the store follows from the ids, which are put in as literals, being thousands.
SELECT {fields}, (({scope}) AND ({condition})) AS fits FROM calls
PREWHERE tenant = {tenant:String} AND opened_at BETWEEN {since:DateTime64(3, 'UTC')} AND {until:DateTime64(3, 'UTC')}
  AND (empty({opened:Array(DateTime64(3, 'UTC'))}) OR opened_at IN {opened:Array(DateTime64(3, 'UTC'))})
  AND id IN ({ids})

-- name: last_revisions
-- The highest revision of some calls, whether they are there or were joined into others.
SELECT id, max(revision) FROM calls
WHERE tenant = {tenant:String} AND opened_at BETWEEN {since:DateTime64(3, 'UTC')} AND {until:DateTime64(3, 'UTC')}
  AND (empty({opened:Array(DateTime64(3, 'UTC'))}) OR opened_at IN {opened:Array(DateTime64(3, 'UTC'))})
  AND id IN ({ids})
GROUP BY id

-- name: leads_to
-- Where joined calls lead, one step.
SELECT id, leads_to FROM aliases WHERE tenant = {tenant:String} AND id IN {ids:Array(UUID)} ORDER BY revision

-- name: aliases_count
-- How many calls were ever joined into others.
SELECT count() FROM aliases WHERE tenant = {tenant:String}

-- name: all_aliases
-- Where all joined calls lead, one step.
SELECT id, leads_to FROM aliases WHERE tenant = {tenant:String} ORDER BY revision

-- name: keys_within
-- How many keys of calls there are between two instants.
SELECT count() FROM keys
WHERE tenant = {tenant:String} AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')

-- name: all_owners
-- Which calls all keys between two instants belong to.
SELECT key, call FROM keys
WHERE tenant = {tenant:String} AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')

-- name: owners
-- Which calls some keys between two instants belong to; the keys are put in as literals, being thousands.
SELECT key, call FROM keys
WHERE tenant = {tenant:String} AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND key IN ({keys})

-- name: per_source
-- How many calls each source told of, and when the last of them started.
SELECT arrayJoin(sources) AS source, count(), toUnixTimestamp64Micro(max(started_at))
FROM calls WHERE {scope} GROUP BY source

-- name: days
-- The UTC days (microseconds of midnight) on which calls of a source began, in a period, oldest first.
SELECT DISTINCT toUnixTimestamp64Micro(toDateTime64(toStartOfDay(started_at), 6, 'UTC')) AS day
FROM calls
WHERE {scope} AND has(sources, {source:String})
  AND started_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
  AND started_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
ORDER BY day
