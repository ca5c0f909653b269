-- Checking the accounts. Every statement works on one `{share:UInt64}` of `{shares:UInt64}` by hash, so that memory stays bounded.

-- name: frames_total
-- How many frames each source has, by what became of them.
SELECT source, count(), countIf(kind = 'stated'), countIf(kind = 'rejected'), countIf(kind = 'noise')
FROM frames WHERE tenant = {tenant:String} GROUP BY source

-- name: removed
-- How many frames of each source were removed under warrants, those that are there all the same, and those whose accounts went too.
SELECT source, countIf(side = 'frame' AND NOT still), countIf(still), sumIf(count, side = 'import')
FROM
(
    SELECT source, kind AS side, count, kind = 'frame' AND toFixedString(unhex(id), 16) GLOBAL IN
    (
        SELECT id FROM frames WHERE tenant = {tenant:String} AND id GLOBAL IN
        (
            SELECT toFixedString(unhex(id), 16) FROM erasures
            WHERE tenant = {tenant:String} AND kind = 'frame' AND ground != 'undo'
        )
    ) AS still
    FROM erasures WHERE tenant = {tenant:String} AND ((kind = 'frame' AND ground != 'undo') OR kind = 'import')
)
GROUP BY source

-- name: rows_total
-- How many frames and calls there are, roughly: it decides into how many shares the checks are cut.
SELECT (SELECT count() FROM frames WHERE tenant = {tenant:String}), (SELECT count() FROM calls WHERE tenant = {tenant:String})

-- name: frames_in_calls
-- Frames that are not in exactly as many live calls as they should be: one if they state something about a call, else none.
-- One that was removed under a warrant may still be named by the call that it told about.
SELECT lower(hex(id)), countIf(side = 'call') AS calls, countIf(side = 'told') AS told, countIf(side = 'other') AS other
FROM
(
    SELECT id, if(kind = 'stated' AND about_call, 'told', 'other') AS side
    FROM frames WHERE tenant = {tenant:String} AND cityHash64(id) % {shares:UInt64} = {share:UInt64}
    UNION ALL
    SELECT frame AS id, 'call' AS side
    FROM (SELECT arrayJoin(frames) AS frame FROM calls WHERE tenant = {tenant:String})
    WHERE cityHash64(frame) % {shares:UInt64} = {share:UInt64}
    UNION ALL
    SELECT toFixedString(unhex(id), 16) AS id, 'removed' AS side
    FROM erasures WHERE tenant = {tenant:String} AND kind = 'frame' AND ground != 'undo'
      AND cityHash64(toFixedString(unhex(id), 16)) % {shares:UInt64} = {share:UInt64}
)
GROUP BY id
HAVING (calls != told AND NOT (countIf(side = 'removed') > 0 AND told + other = 0 AND calls = 1)) OR (other > 0 AND told + calls > 0) OR told > 1
LIMIT {limit:UInt64}

-- name: call_references
-- Calls that keys or aliases name though they are neither live nor lead on; and joined calls that are live all the same.
SELECT toString(call), countIf(side = 'key') AS keys, countIf(side = 'end') AS ends, countIf(side = 'live') AS live,
    countIf(side = 'joined') AS joined
FROM
(
    SELECT DISTINCT call, 'key' AS side
    FROM keys WHERE tenant = {tenant:String} AND cityHash64(call) % {shares:UInt64} = {share:UInt64}
    UNION ALL
    SELECT leads_to AS call, 'end' AS side
    FROM aliases WHERE tenant = {tenant:String} AND cityHash64(leads_to) % {shares:UInt64} = {share:UInt64}
    UNION ALL
    SELECT id AS call, 'joined' AS side
    FROM aliases WHERE tenant = {tenant:String} AND id != leads_to AND cityHash64(id) % {shares:UInt64} = {share:UInt64}
    UNION ALL
    SELECT id AS call, 'live' AS side
    FROM calls WHERE tenant = {tenant:String} AND cityHash64(id) % {shares:UInt64} = {share:UInt64}
)
GROUP BY call
HAVING (keys + ends > 0 AND live + joined = 0) OR (live > 0 AND joined > 0) OR live > 1
LIMIT {limit:UInt64}

-- name: calls_without_frames
-- Live calls that rest on nothing.
SELECT toString(id) FROM calls WHERE tenant = {tenant:String} AND empty(frames) LIMIT {limit:UInt64}
