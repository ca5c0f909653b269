-- Frames: the raw bytes of records. The first 6 bytes of an id are the milliseconds of the time that the record states, so
-- lines that were written together stand together (and compress together), and an id is found without knowing more.
CREATE TABLE IF NOT EXISTS frames
(
    tenant      LowCardinality(String),
    source      LowCardinality(String),
    id          FixedString(16) CODEC(ZSTD(1)),
    revision    UInt32 COMMENT 'raised when a frame is understood otherwise than before',
    gone        UInt8 COMMENT '1: replaced by a frame of the same bytes under another id',
    stated_at   DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    format      LowCardinality(String),
    kind        LowCardinality(String) COMMENT 'stated, rejected or noise',
    about_call  UInt8,
    reason      LowCardinality(String),
    detail      String CODEC(ZSTD(1)),
    data        String CODEC(ZSTD(3)),
    context     String CODEC(ZSTD(3)),
    origin      LowCardinality(String) COMMENT 'the file, listener or intake that brought it',
    offset      UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'position of its first byte there',
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(revision, gone)
PARTITION BY toYYYYMM(stated_at)
ORDER BY (tenant, source, id)
SETTINGS
    enable_block_number_column = 1,
    enable_block_offset_column = 1,
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    min_bytes_for_wide_part = 134217728
COMMENT 'raw records';
