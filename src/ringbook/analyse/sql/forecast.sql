-- Calls of the past, for forecasts. `{condition}` is compiled from the query language, its values bound.

-- name: half_hours
-- How many calls began in each half hour of each day, by the wall clock.
SELECT toString(toDate(started_at, {zone:String})) AS day, toHour(started_at, {zone:String}) AS hour,
    intDiv(toMinute(started_at, {zone:String}), 30) AS half, count()
FROM calls WHERE {scope} AND ({condition}) GROUP BY day, hour, half
