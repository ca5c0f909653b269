-- Following what is written. All statements see rows as they stand, old revisions and tombstones among them.

-- name: at_the_stamp
-- Rows of the very stamp of a mark, behind it; they stand in the order of the calls' ids.
SELECT toString(id), toUnixTimestamp64Micro(written_at), revision, gone FROM calls
WHERE tenant = {tenant:String} AND written_at = fromUnixTimestamp64Micro({at:Int64}, 'UTC')
  AND written_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
  AND opened_at >= fromUnixTimestamp64Milli({opened:Int64}, 'UTC')
  AND (opened_at > fromUnixTimestamp64Milli({opened:Int64}, 'UTC') OR id > {id:UUID})
ORDER BY tenant, opened_at, id LIMIT {limit:UInt64}

-- name: removed_at_the_stamp
-- Calls that were removed for good at the very stamp of a mark, behind it.
SELECT id, toUnixTimestamp64Micro(at), 0, 1 FROM erasures
WHERE tenant = {tenant:String} AND kind = 'call' AND at = fromUnixTimestamp64Micro({at:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
  AND opened_at >= fromUnixTimestamp64Milli({opened:Int64}, 'UTC')
  AND (opened_at > fromUnixTimestamp64Milli({opened:Int64}, 'UTC') OR toUUID(id) > {id:UUID})
ORDER BY opened_at, toUUID(id) LIMIT {limit:UInt64}

-- name: later
-- Rows of later stamps than a mark's, and calls that were removed for good, in order.
SELECT toString(call), toUnixTimestamp64Micro(stamp), number, ended FROM
(
    SELECT id AS call, written_at AS stamp, opened_at, revision AS number, gone AS ended FROM calls
    WHERE tenant = {tenant:String} AND written_at > fromUnixTimestamp64Micro({at:Int64}, 'UTC')
      AND written_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
    ORDER BY written_at, opened_at, id, revision LIMIT {limit:UInt64}
    UNION ALL
    SELECT toUUID(id) AS call, at AS stamp, opened_at, 0 AS number, 1 AS ended FROM erasures
    WHERE tenant = {tenant:String} AND kind = 'call' AND at > fromUnixTimestamp64Micro({at:Int64}, 'UTC')
      AND at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
    ORDER BY at, opened_at, toUUID(id) LIMIT {limit:UInt64}
)
ORDER BY stamp, opened_at, call, number LIMIT {limit:UInt64}

-- name: standing
-- The newest revision of some calls, and whether they were joined into others.
SELECT toString(id), max(revision), argMax(gone, revision) FROM calls
WHERE tenant = {tenant:String} AND opened_at BETWEEN fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND fromUnixTimestamp64Milli({until:Int64}, 'UTC') AND id IN {ids:Array(UUID)}
GROUP BY id
