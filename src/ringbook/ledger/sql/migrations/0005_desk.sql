-- What people add to calls, as calls are searched by it, and when each row of a call was written.

-- One row a call; text is in lower case, as it is looked for.
CREATE TABLE IF NOT EXISTS annotations
(
    tenant       LowCardinality(String),
    call         UUID,
    opened_at    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'the instant that the id carries: the place of the call',
    version      UInt64,
    notes        String CODEC(ZSTD(1)) COMMENT 'all notes in lower case',
    tags         Array(String) CODEC(ZSTD(1)),
    outcome_code LowCardinality(String),
    assigned     Array(String) CODEC(ZSTD(1)) COMMENT 'handles of those who have an open task',
    due_at       Array(DateTime64(6, 'UTC')) CODEC(ZSTD(1)) COMMENT 'of open tasks',
    open_tasks   UInt16,
    entered_by   LowCardinality(String) COMMENT 'handle of who logged the call by hand',
    fields       Map(String, String) CODEC(ZSTD(1)),

    INDEX notes_text notes TYPE ngrambf_v1(3, 32768, 2, 0) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, call)
SETTINGS index_granularity = 512, non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'what people added to calls';

CREATE TABLE IF NOT EXISTS named_numbers
(
    tenant  LowCardinality(String),
    number  String CODEC(ZSTD(1)) COMMENT 'E.164, or as calls have it',
    contact String CODEC(ZSTD(1)) COMMENT 'id; empty: nobody''s any more',
    name    String CODEC(ZSTD(1)),
    company String CODEC(ZSTD(1)),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, number)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'whose numbers are';

-- Rows from before have the beginning of time.
ALTER TABLE calls ADD COLUMN IF NOT EXISTS written_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'when the writer stamped this revision';

ALTER TABLE calls ADD INDEX IF NOT EXISTS written_at_range written_at TYPE minmax GRANULARITY 1;
