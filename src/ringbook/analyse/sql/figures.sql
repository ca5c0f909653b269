-- Figures over the calls that are asked about. The program puts in `{condition}` (which calls: compiled from the query
-- language, values bound), `{key}` (what to count by) and `{grouped}`. The first column is always how many calls a row
-- rests on. Medians and percentiles are interpolated (R-7). Thresholds are in milliseconds.

-- name: account
-- How many calls a figure is about, how many it rests on, when they began, and how many are left out for which reason.
SELECT count(), countIf({known}), minOrNullIf(toUnixTimestamp64Micro(started_at), {known}),
    maxOrNullIf(toUnixTimestamp64Micro(started_at), {known}), [{reasons}]
FROM calls WHERE {scope} AND ({condition})

-- name: calls
-- Volume: how many calls there are.
SELECT {key}, count() AS calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: answered_rate
-- The share of calls that a person answered.
SELECT {key}, count() AS calls, countIf(outcome = 'answered') AS answered, answered / calls AS rate
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: outcomes
-- What became of the calls.
SELECT {key}, count() AS calls,
    countIf(outcome = 'answered'), countIf(outcome = 'voicemail'), countIf(outcome = 'machine'),
    countIf(outcome = 'abandoned'), countIf(outcome = 'missed'), countIf(outcome = 'busy'),
    countIf(outcome = 'rejected'), countIf(outcome = 'cancelled'), countIf(outcome = 'failed'),
    countIf(outcome = 'unknown'),
    countIf(outcome = 'missed') / calls, countIf(outcome = 'abandoned') / calls, countIf(outcome = 'voicemail') / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: wait
-- How long callers waited who were answered.
SELECT {key}, count() AS calls, avg(wait_ms) / 1000, quantileExactInclusive(0.5)(wait_ms) / 1000,
    quantileExactInclusive(0.9)(wait_ms) / 1000, maxOrNull(wait_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: wait_distribution
-- How many calls waited so long, and what became of them.
SELECT {key}, count() AS calls, countIf(outcome = 'answered') AS answered, countIf(outcome = 'abandoned') AS abandoned,
    calls - answered - abandoned
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: longest_wait
-- The longest waits in a queue, of whatever end, and when that call began.
SELECT {key}, count() AS calls, maxOrNull(wait_ms) / 1000, maxOrNullIf(wait_ms, outcome = 'answered') / 1000,
    maxOrNullIf(wait_ms, outcome = 'abandoned') / 1000, quantileExactInclusive(0.5)(wait_ms) / 1000,
    quantileExactInclusive(0.9)(wait_ms) / 1000, toUnixTimestamp64Micro(argMax(started_at, (wait_ms, started_at)))
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: patience
-- How long callers are ready to wait on average: all time waited, of the served too, for each one who gave up.
SELECT {key}, count() AS calls, countIf(outcome = 'abandoned') AS abandoned,
    if(abandoned = 0, NULL, sum(wait_ms) / 1000 / abandoned)
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: abandonment_curve
-- The share that would have given up by each of some times if nobody were served (Kaplan and Meier's product limit; who
-- left the queue otherwise is censored). Nothing is known later than the last wait, unless all have given up by then.
SELECT bound, sumIf(ended, waited > bound), sumIf(gave_up, waited <= bound), sumIf(ended - gave_up, waited <= bound),
    if(max(waited) < bound AND min(staying) > 0, NULL, 1 - ifNull(minOrNullIf(staying, waited <= bound), 1)),
    minOrNullIf(waited, staying <= 0.5) / 1000
FROM
(
    SELECT waited, ended, gave_up, exp(sum(log(1 - gave_up / at_risk)) OVER (ORDER BY waited)) AS staying
    FROM
    (
        SELECT assumeNotNull(wait_ms) AS waited, count() AS ended, countIf(outcome = 'abandoned') AS gave_up,
            sum(ended) OVER (ORDER BY waited DESC) AS at_risk
        FROM calls WHERE {scope} AND ({condition}) GROUP BY waited
    )
)
ARRAY JOIN {bounds:Array(Int64)} AS bound
GROUP BY bound ORDER BY bound

-- name: queue_calls
-- How many calls entered a queue, and what became of them.
SELECT {key}, count() AS calls, countIf(outcome = 'answered') AS answered, countIf(outcome = 'abandoned') AS abandoned,
    countIf(outcome = 'abandoned' AND wait_ms <= {short_ms:Int64}), calls - answered - abandoned,
    answered / calls, abandoned / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: asa
-- Average speed of answer: the waits of answered queue calls, added up and divided by their number.
SELECT {key}, count() AS calls, avg(wait_ms) / 1000, quantileExactInclusive(0.5)(wait_ms) / 1000,
    quantileExactInclusive(0.9)(wait_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: service_level_a
-- Answered within T, of the answered (as Asterisk counts).
SELECT {key}, count() AS calls, countIf(wait_ms <= {threshold_ms:Int64}) AS within, within / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: service_level_b
-- Answered or abandoned within T, of the answered and abandoned (Asterisk's second service level).
SELECT {key}, count() AS calls, countIf(wait_ms <= {threshold_ms:Int64}) AS within, within / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: service_level_c
-- Answered within T, of the offered. Where waits are not known and none of an answered call is, nothing is known.
SELECT {key}, count() AS calls,
    countIf(outcome = 'answered' AND wait_ms <= {threshold_ms:Int64}) AS within,
    if({unsure:UInt8} AND countIf(outcome = 'answered') = 0, NULL, within / calls)
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: service_level_d
-- Answered within T, of the offered without those that gave up at once (the condition leaves them out).
SELECT {key}, count() AS calls,
    countIf(outcome = 'answered' AND wait_ms <= {threshold_ms:Int64}) AS within,
    if({unsure:UInt8} AND countIf(outcome = 'answered') = 0, NULL, within / calls)
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: abandonment_a
-- Abandoned, of all that entered a queue.
SELECT {key}, count() AS calls, countIf(outcome = 'abandoned') AS abandoned,
    countIf(outcome = 'abandoned' AND isNull(wait_ms)), abandoned / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: abandonment_b
-- Abandoned, of the answered and abandoned (the condition leaves out those that gave up at once).
SELECT {key}, count() AS calls, countIf(outcome = 'abandoned') AS abandoned,
    countIf(outcome = 'abandoned' AND isNull(wait_ms)), abandoned / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: abandonment_c
-- Abandoned later than T, of the offered (the condition leaves out those that gave up by then).
SELECT {key}, count() AS calls, countIf(outcome = 'abandoned') AS abandoned,
    countIf(outcome = 'abandoned' AND isNull(wait_ms)), abandoned / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: abandonment_d
-- Over soon without an answer, of all calls in, whether there was a queue or not.
SELECT {key}, count() AS calls, countIf(outcome IN ('abandoned', 'missed') AND duration_ms <= {short_ms:Int64}) AS abandoned,
    countIf(outcome = 'abandoned' AND isNull(wait_ms)), abandoned / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: talk
-- How long answered calls were talked on, hold included.
SELECT {key}, count() AS calls, avg(talk_ms) / 1000, quantileExactInclusive(0.5)(talk_ms) / 1000,
    quantileExactInclusive(0.9)(talk_ms) / 1000, sum(talk_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: ring
-- How long phones rang before answered calls were answered.
SELECT {key}, count() AS calls, avg(ring_ms) / 1000, quantileExactInclusive(0.5)(ring_ms) / 1000,
    quantileExactInclusive(0.9)(ring_ms) / 1000, maxOrNull(ring_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: hold
-- How long answered calls were on hold, and how many were at all.
SELECT {key}, count() AS calls, countIf(hold_ms > 0), avg(hold_ms) / 1000,
    quantileExactInclusive(0.5)(hold_ms) / 1000, quantileExactInclusive(0.9)(hold_ms) / 1000, sum(hold_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: aht
-- How long an answered call is handled: talk with hold. Wrap-up is not in the records.
SELECT {key}, count() AS calls, avg(talk_ms) / 1000, quantileExactInclusive(0.5)(talk_ms) / 1000,
    quantileExactInclusive(0.9)(talk_ms) / 1000
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: asr
-- Answer-seizure ratio: attempts that something answered, be it a person or a machine.
SELECT {key}, count() AS calls, countIf(outcome IN ('answered', 'voicemail', 'machine')) AS answered, answered / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: asr_b
-- Answer-seizure ratio where only a person's answer counts.
SELECT {key}, count() AS calls, countIf(outcome = 'answered') AS answered, answered / calls AS ratio
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: pdd
-- Post-dial delay: how long it took from dialling to the first ringing, where that was measured.
SELECT {key}, count() AS calls, countIf(isNotNull(pdd_s)), avg(pdd_s), quantileExactInclusive(0.5)(pdd_s),
    quantileExactInclusive(0.9)(pdd_s), maxOrNull(pdd_s)
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: ner
-- Network effectiveness: attempts that reached the far end, answered or not. A failed one did if its cause says so.
SELECT {key}, count() AS calls,
    countIf(outcome != 'failed' OR ifNull(cause_q850 IN (17, 18, 19, 21), 0) OR ifNull(cause_sip IN (486, 600, 603), 0))
        AS effective,
    countIf(outcome = 'failed' AND isNull(cause_q850) AND isNull(cause_sip)), effective / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: transfers
-- The share of answered calls that were handed over.
SELECT {key}, count() AS calls, countIf(transfer_count > 0) AS transferred, transferred / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: concurrency
-- The most calls at the same time, and the first instant of it: an exact sweep over all beginnings and ends in order,
-- an even number standing for an end and an odd one for a beginning, so that of two at the same instant the end is first.
SELECT {key}, count() AS calls,
    arrayMax(arrayCumSum(x -> if(bitTest(x, 0), 1, -1), arraySort(groupArrayArray([
        toUnixTimestamp64Micro(started_at) * 2 + 1,
        (toUnixTimestamp64Micro(started_at) + assumeNotNull(duration_ms) * 1000) * 2
    ])) AS moments) AS at_once) AS peak,
    intDiv(moments[indexOf(at_once, peak)], 2)
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: concurrency_levels
-- For how long so many calls lasted at once, and how many calls brought it there: the same sweep. Where a period is asked for,
-- it begins and ends the sweep; ends of calls after it do not count.
SELECT level, sum(lasted), sum(began)
FROM
(
    SELECT moment.1 AS level, moment.2 AS lasted, moment.3 AS began
    FROM
    (
        SELECT arraySort(groupArrayArray([
                toUnixTimestamp64Micro(started_at) * 2 + 1,
                (toUnixTimestamp64Micro(started_at) + assumeNotNull(duration_ms) * 1000) * 2
            ])) AS found,
            if({until:Int64} > 0, {until:Int64}, intDiv(found[-1], 2)) AS stop,
            arrayConcat([{since:Int64} * 2], found) AS moments,
            arrayCumSum(x -> if(bitTest(x, 0), 1, -1), found) AS at_once
        FROM calls WHERE {scope} AND ({condition})
    )
    ARRAY JOIN arrayMap((level, since, until, turn) -> (toInt64(level),
            greatest(0, least(stop, if(turn = length(moments), stop, intDiv(until, 2))) - intDiv(since, 2)), bitTest(since, 0)),
        arrayConcat([0], at_once), moments, arrayConcat(found, [0]), arrayEnumerate(moments)) AS moment
    WHERE notEmpty(found)
)
GROUP BY level HAVING sum(lasted) > 0 OR sum(began) > 0 ORDER BY level

-- name: lines
-- The busiest hour by the time that calls took in it, call for call cut at the full hours; the program adds the lines. Hours are
-- added up first for each set of columns that parts are told by (`{by}`), then for the parts.
SELECT {key}, sum(began) AS calls, arrayMax((sumMap([hour], [taken_ms]) AS loads).2) / 3600000,
    loads.1[indexOf(loads.2, arrayMax(loads.2))] * 3600000000, NULL
FROM
(
    SELECT hour, countIf(hour = first_hour) AS began,
        sum(least(stop_ms, (hour + 1) * 3600000) - greatest(start_ms, hour * 3600000)) AS taken_ms {by}
    FROM
    (
        SELECT toUnixTimestamp64Milli(started_at) AS start_ms, start_ms + assumeNotNull(duration_ms) AS stop_ms,
            intDiv(start_ms, 3600000) AS first_hour,
            arrayJoin(range(first_hour, intDiv(greatest(start_ms, stop_ms - 1), 3600000) + 1)) AS hour {by}
        FROM calls WHERE {scope} AND ({condition})
    )
    GROUP BY hour {by}
)
{grouped}

-- name: rings
-- For each phone of ours: the calls that it was part of, those it talked on, those that somebody else or nobody answered.
SELECT {key}, if(whole = 1, countIf(place = 1), count()) AS calls, count() AS rings,
    countIf(has(agent_extensions, phone)) AS answered, countIf(NOT has(agent_extensions, phone) AND outcome = 'answered') AS elsewhere,
    rings - answered - elsewhere, if(rings = 0, NULL, (rings - answered) / rings)
FROM calls ARRAY JOIN extensions AS phone, arrayEnumerate(extensions) AS place
WHERE {scope} AND ({condition}) {grouped}

-- name: callbacks
-- Lost calls and the first answered call with the same number after each, in either direction, whatever else was asked. Each
-- number's events stand in order, an even number standing for an answered call and an odd one for a lost call, so that of two
-- at the same instant the answered one is first. `{event}` has the columns that parts are told by beside the moment, `{told}` takes them out again.
SELECT {key}, count() AS calls, uniqExact(number) AS callers,
    countIf(back_at > 0 AND back_at - lost_at <= {threshold_ms:Int64} * 1000) AS returned,
    countIf(NOT (back_at > 0 AND back_at - lost_at <= {threshold_ms:Int64} * 1000)
        AND {now:Int64} - lost_at > {threshold_ms:Int64} * 1000) AS lost,
    calls - returned - lost AS open, 1 - lost / nullIf(countIf({now:Int64} - lost_at > {threshold_ms:Int64} * 1000), 0),
    quantileExactInclusiveIf(0.5)((back_at - lost_at) / 1000000, back_at > 0 AND back_at - lost_at <= {threshold_ms:Int64} * 1000),
    quantileExactInclusiveIf(0.9)((back_at - lost_at) / 1000000, back_at > 0 AND back_at - lost_at <= {threshold_ms:Int64} * 1000)
FROM
(
    SELECT number, intDiv({moment}, 2) AS lost_at, if(bitTest(back, 0), 0, intDiv(back, 2)) AS back_at {told}
    FROM
    (
        SELECT if(is_lost OR direction != 'outbound', from_number, to_number) AS number,
            arraySort({by_moment} groupArray({event})) AS events,
            arrayReverseFill(moment -> NOT bitTest(moment, 0), {moments}) AS backs
        FROM
        (
            SELECT *, ({condition}) AS is_lost, toUnixTimestamp64Micro(started_at) * 2 + is_lost AS moment FROM calls
            WHERE {scope} AND (is_lost OR (outcome = 'answered' AND direction IN ('inbound', 'outbound')
                AND if(direction = 'outbound', to_number, from_number) != ''
                AND started_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
                AND started_at <= fromUnixTimestamp64Micro({last:Int64} + {threshold_ms:Int64} * 1000, 'UTC')))
        )
        GROUP BY number
        HAVING max(is_lost)
    )
    ARRAY JOIN events AS event, backs AS back
    WHERE bitTest({moment}, 0)
)
{grouped}

-- name: fcr_contacts
-- First-contact resolution by those who rang: who did not ring again in time after any of their calls. Calls whose time is
-- not over say nothing yet: of them only those who ring again would be known. A contact's calls, from
-- all their numbers, stand in order, an odd number standing for a call that is asked about and an even one for another call in.
SELECT {key}, count() AS calls, uniqExact(contact) AS contacts, uniqExactIf(contact, NOT open) - repeated AS resolved,
    uniqExactIf(contact, again) AS repeated, contacts - resolved - repeated,
    if(resolved + repeated = 0, NULL, resolved / (resolved + repeated))
FROM
(
    SELECT contact, intDiv({moment}, 2) AS at, if(next = 0, 0, intDiv(next, 2)) AS next_at,
        {now:Int64} - at <= {threshold_ms:Int64} * 1000 AS open,
        NOT open AND next_at > 0 AND next_at - at <= {threshold_ms:Int64} * 1000 AS again {told}
    FROM
    (
        SELECT if(notEmpty(owners.contact), owners.contact, from_number) AS contact, arraySort({by_moment} groupArrayArray(told)) AS events,
            arrayPushBack(arrayPopFront({moments}), 0) AS nexts
        FROM
        (
            SELECT from_number, groupArray({event}) AS told, max(is_asked) AS any_asked
            FROM
            (
                SELECT *, ({condition}) AS is_asked, toUnixTimestamp64Micro(started_at) * 2 + is_asked AS moment FROM calls
                WHERE {scope} AND (is_asked OR (direction = 'inbound' AND from_number != ''
                    AND started_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
                    AND started_at <= fromUnixTimestamp64Micro({last:Int64} + {threshold_ms:Int64} * 1000, 'UTC')))
            )
            GROUP BY from_number
        ) AS numbers
        GLOBAL ANY LEFT JOIN
        (
            SELECT number, contact FROM named_numbers FINAL WHERE tenant = {tenant:String} AND notEmpty(contact)
        ) AS owners ON numbers.from_number = owners.number
        GROUP BY contact
        HAVING max(any_asked)
    )
    ARRAY JOIN events AS event, nexts AS next
    WHERE bitTest({moment}, 0)
)
{grouped}

-- name: fcr_calls
-- First-contact resolution by calls: those after which the contact did not ring again in time.
SELECT {key}, count() AS calls, uniqExact(contact) AS contacts, countIf(NOT again AND NOT open) AS resolved,
    countIf(again) AS repeated, countIf(open), if(resolved + repeated = 0, NULL, resolved / (resolved + repeated))
FROM
(
    SELECT contact, intDiv({moment}, 2) AS at, if(next = 0, 0, intDiv(next, 2)) AS next_at,
        {now:Int64} - at <= {threshold_ms:Int64} * 1000 AS open,
        NOT open AND next_at > 0 AND next_at - at <= {threshold_ms:Int64} * 1000 AS again {told}
    FROM
    (
        SELECT if(notEmpty(owners.contact), owners.contact, from_number) AS contact, arraySort({by_moment} groupArrayArray(told)) AS events,
            arrayPushBack(arrayPopFront({moments}), 0) AS nexts
        FROM
        (
            SELECT from_number, groupArray({event}) AS told, max(is_asked) AS any_asked
            FROM
            (
                SELECT *, ({condition}) AS is_asked, toUnixTimestamp64Micro(started_at) * 2 + is_asked AS moment FROM calls
                WHERE {scope} AND (is_asked OR (direction = 'inbound' AND from_number != ''
                    AND started_at >= fromUnixTimestamp64Micro({first:Int64}, 'UTC')
                    AND started_at <= fromUnixTimestamp64Micro({last:Int64} + {threshold_ms:Int64} * 1000, 'UTC')))
            )
            GROUP BY from_number
        ) AS numbers
        GLOBAL ANY LEFT JOIN
        (
            SELECT number, contact FROM named_numbers FINAL WHERE tenant = {tenant:String} AND notEmpty(contact)
        ) AS owners ON numbers.from_number = owners.number
        GROUP BY contact
        HAVING max(any_asked)
    )
    ARRAY JOIN events AS event, nexts AS next
    WHERE bitTest({moment}, 0)
)
{grouped}

-- name: resolved
-- Of the calls with an outcome code, those whose code says that they were resolved.
SELECT {key}, count() AS calls, countIf({good}) AS resolved, resolved / calls
FROM calls WHERE {scope} AND ({condition}) {grouped}

-- name: csat
-- How satisfied customers said they were, from 1 to 5, and how many of those who could say so did.
SELECT {key}, count(score) AS calls, count() AS asked, countIf(score >= 4) AS satisfied, satisfied / calls, avg(score), calls / asked
FROM (SELECT * FROM calls WHERE {scope} AND ({asked})) AS asked_calls GLOBAL ANY LEFT JOIN ({scores}) AS answers USING id
{grouped}

-- name: nps
-- Who would recommend (9, 10) less who would not (0 to 6), of all who said; and how many of those who could say so did.
SELECT {key}, count(score) AS calls, count() AS asked, countIf(score >= 9) AS promoters, countIf(score <= 6) AS detractors,
    100 * (promoters - detractors) / calls, calls / asked
FROM (SELECT * FROM calls WHERE {scope} AND ({asked})) AS asked_calls GLOBAL ANY LEFT JOIN ({scores}) AS answers USING id
{grouped}

-- name: ces
-- How easy customers said it was, from 1 to 7, and how many of those who could say so did.
SELECT {key}, count(score) AS calls, count() AS asked, countIf(score >= 5) AS easy, easy / calls, avg(score), calls / asked
FROM (SELECT * FROM calls WHERE {scope} AND ({asked})) AS asked_calls GLOBAL ANY LEFT JOIN ({scores}) AS answers USING id
{grouped}

-- name: heat_map
-- How many calls begin on each weekday (Monday 1) in each hour of the day.
SELECT toDayOfWeek(started_at, 0, {zone:String}) AS day, toHour(started_at, {zone:String}) AS hour, count() AS calls
FROM calls WHERE {scope} AND ({condition}) GROUP BY day, hour ORDER BY day, hour

-- name: agents
-- Who talked on how many calls and for how long; somebody who came on twice counts once.
SELECT {key}, if(whole = 1, countIf(place = 1), countIf(turn = 1)) AS calls, if(whole = 1, '', anyLast(name)),
    countIf(isNull(talked)),
    sum(talked) / 1000, avg(talked) / 1000, quantileExactInclusive(0.5)(talked) / 1000,
    quantileExactInclusive(0.9)(talked) / 1000
FROM calls
ARRAY JOIN agent_extensions AS extension, agent_names AS name, agent_talk_ms AS talked,
    arrayEnumerate(agent_names) AS place,
    arrayEnumerateUniq(arrayMap((x, y) -> if(notEmpty(x), x, y), agent_extensions, agent_names)) AS turn
WHERE {scope} AND ({condition}) {grouped}


-- name: overview_days
-- Calls of today (`{today}`) and of the day a week ago (`{whole}`, of which `{so_far}` is up to the same time), by hour and
-- outcome; those who did not get through from outside are told apart.
SELECT multiIf({today}, 'today', {so_far}, 'then', 'later') AS part, toHour(started_at, {zone:String}) AS hour,
    if(direction IN ('inbound', 'unknown') AND outcome IN ('missed', 'abandoned', 'voicemail'), concat('lost ', toString(outcome)),
        toString(outcome)) AS what, count()
FROM calls WHERE {scope} AND (({today}) OR ({whole})) GROUP BY part, hour, what

-- name: overview_waits
-- The waits of answered calls on both days: how many are known, mean, 90th percentile, how many are not known.
SELECT part, countIf(isNotNull(wait_ms)), avg(wait_ms) / 1000, quantileExactInclusive(0.9)(wait_ms) / 1000, countIf(isNull(wait_ms))
FROM calls ARRAY JOIN arrayFilter(x -> notEmpty(x), [if({today}, 'today', ''), if({so_far}, 'then', ''), if({whole}, 'whole', '')])
    AS part
WHERE {scope} AND outcome = 'answered' AND (({today}) OR ({whole})) GROUP BY part
