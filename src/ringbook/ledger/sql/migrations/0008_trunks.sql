-- The lines by which each call came in and went out, taken from `detail` as the row is written. Rows from before have none until they
-- are derived anew.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS trunks Array(LowCardinality(String)) DEFAULT JSONExtract(detail, 35, 'Array(String)') COMMENT 'the lines that it came in and went out by, in order; empty: no record names one';
