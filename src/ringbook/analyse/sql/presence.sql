-- What queue logs tell of agents.

-- name: agent_states
-- The records about no call, in order: logins, pauses and what the queue program says of itself.
SELECT base64Encode(data), base64Encode(context) FROM frames
WHERE tenant = {tenant:String} AND format = {format:String} AND kind = 'stated' AND about_call = 0
    AND stated_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC') AND stated_at < fromUnixTimestamp64Micro({until:Int64}, 'UTC')
ORDER BY stated_at, origin, offset LIMIT {most:UInt64}
