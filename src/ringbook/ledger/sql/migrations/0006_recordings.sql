-- The catalogue of the recordings in the vault: one row a revision, the highest version stands. What is looked for has a column; the
-- recording itself is in `detail`. A destroyed recording leaves its row, without name and numbers.
CREATE TABLE IF NOT EXISTS recordings
(
    tenant      LowCardinality(String),
    id          UUID,
    version     UInt64,
    call        String CODEC(ZSTD(1)) COMMENT 'id of the call that it was joined to; empty: none yet',
    source      LowCardinality(String),
    name        String CODEC(ZSTD(1)),
    sha256      String CODEC(ZSTD(1)) COMMENT 'of the original',
    started_at  Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    bytes       UInt64 COMMENT 'that its forms take in the vault',
    problem     UInt8 COMMENT '1: it cannot be played',
    destroyed   UInt8,
    detail      String CODEC(ZSTD(3)) COMMENT 'JSON: see model/recording.py',
    INDEX call_bloom call TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX sha256_bloom sha256 TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 1024
COMMENT 'recordings in the vault';
