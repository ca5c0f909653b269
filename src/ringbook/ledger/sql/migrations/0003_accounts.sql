-- The accounts: what each batch took from an origin and what became of it.
CREATE TABLE IF NOT EXISTS tallies
(
    tenant   LowCardinality(String),
    source   LowCardinality(String),
    origin   String,
    mark     String COMMENT 'recognises the content of the origin',
    start    UInt64,
    stop     UInt64,
    size     UInt64,
    frames   UInt64,
    stated   UInt64,
    rejected UInt64,
    noise    UInt64,
    repeated UInt64,
    at       DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (tenant, source, origin, mark, start, stop)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'what came in, batch by batch';

-- How far each origin has been read: the position written last.
CREATE TABLE IF NOT EXISTS positions
(
    tenant     LowCardinality(String),
    source     LowCardinality(String),
    origin     String,
    mark       String,
    offset     UInt64,
    format     LowCardinality(String),
    context    String CODEC(ZSTD(1)) COMMENT 'what the framer must be told to go on there',
    written_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (tenant, source, origin, mark)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'how far origins have been read';
