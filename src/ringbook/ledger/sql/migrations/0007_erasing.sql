-- What was removed for good, and which frames were told again by whom.

-- One row for each thing that was removed: only its id, never what it said. Rows of frames keep their source for the accounts; rows of
-- calls keep their place, so that whoever follows the changes learns of it.
CREATE TABLE IF NOT EXISTS erasures
(
    tenant    LowCardinality(String),
    kind      LowCardinality(String) COMMENT 'call, frame, recording, note, number, import; purged: a time before which all of it is off the disk',
    id        String CODEC(ZSTD(1)) COMMENT 'a frame''s in hex',
    source    LowCardinality(String) COMMENT 'of a frame',
    opened_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'of a call: the instant that its id carries',
    warrant   String CODEC(ZSTD(1)),
    ground    LowCardinality(String),
    reference String CODEC(ZSTD(1)),
    by        String CODEC(ZSTD(1)),
    count     UInt64 COMMENT 'of an import: frames of it that had been removed before; of numbers: how many',
    at        DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'stamped as rows of calls are'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (tenant, kind, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'what was removed for good';

-- That an origin brought a frame which was there already: why the frame stays when what brought it first is undone.
CREATE TABLE IF NOT EXISTS retellings
(
    tenant      LowCardinality(String),
    source      LowCardinality(String),
    id          FixedString(16) CODEC(ZSTD(1)),
    origin      LowCardinality(String),
    mark        String CODEC(ZSTD(1)),
    start       UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'of the batch whose account counts it as repeated',
    offset      UInt64 CODEC(Delta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, source, id, origin, mark, start)
SETTINGS
    enable_block_number_column = 1,
    enable_block_offset_column = 1,
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    fsync_part_directory = 1
COMMENT 'frames that were told again';

-- Rows can be hidden at once where they are numbered.
ALTER TABLE keys MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE aliases MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE annotations MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE named_numbers MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE recordings MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE tallies MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;

ALTER TABLE positions MODIFY SETTING enable_block_number_column = 1, enable_block_offset_column = 1;
