-- What people added to calls stands in order of time, as calls do, so that a question about a period reads only that period's.
-- The rows of one call stay in one place: its id says when it opened.
DROP TABLE IF EXISTS annotations_next SYNC;

CREATE TABLE annotations_next
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

    INDEX notes_text notes TYPE ngrambf_v1(3, 32768, 2, 0) GRANULARITY 1,
    INDEX call_bloom call TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, opened_at, call)
SETTINGS
    enable_block_number_column = 1,
    enable_block_offset_column = 1,
    index_granularity = 512,
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    fsync_part_directory = 1
COMMENT 'what people added to calls';

INSERT INTO annotations_next (
    tenant, call, opened_at, version, notes, tags, outcome_code, assigned, due_at, open_tasks, entered_by, fields
)
SELECT tenant, call, opened_at, version, notes, tags, outcome_code, assigned, due_at, open_tasks, entered_by, fields
FROM annotations
SETTINGS final = 0;

EXCHANGE TABLES annotations_next AND annotations;

DROP TABLE IF EXISTS annotations_next SYNC;
