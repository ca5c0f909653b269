-- Calls: one row per revision; the highest revision of an id is the call, unless it is `gone` (joined into another call).
--
-- A row's place (partition and sorting key) is made of the id alone, which never changes. So a new revision always replaces
-- the row it revises, also when the start of the call has moved, over any month's end: a reader sees one or the other.
-- A batch is one file, not two for each column: synced to disk in a third of the time.
CREATE TABLE IF NOT EXISTS calls
(
    tenant           LowCardinality(String),
    id               UUID,
    opened_at        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'the instant that the id carries',
    revision         UInt32 CODEC(T64, ZSTD(1)),
    gone             UInt8 COMMENT '1: this id leads to another call, see aliases',
    rules            UInt16 COMMENT 'version of the correlation rules that made it',

    started_at       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    answered_at      Nullable(DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
    ended_at         Nullable(DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
    direction        LowCardinality(String),
    outcome          LowCardinality(String),
    hangup_by        LowCardinality(String),
    cause_q850       Nullable(UInt16),
    cause_sip        Nullable(UInt16),
    cause_text       String CODEC(ZSTD(1)),

    from_number      String CODEC(ZSTD(1)),
    from_raw         String CODEC(ZSTD(1)),
    from_name        String CODEC(ZSTD(1)),
    from_kind        LowCardinality(String),
    to_number        String CODEC(ZSTD(1)),
    to_raw           String CODEC(ZSTD(1)),
    to_name          String CODEC(ZSTD(1)),
    to_kind          LowCardinality(String),
    dialled          String CODEC(ZSTD(1)),

    agent_extensions Array(String) CODEC(ZSTD(1)) COMMENT 'who really talked, in order',
    agent_names      Array(String) CODEC(ZSTD(1)),
    agent_talk_ms    Array(Nullable(Int64)) CODEC(ZSTD(1)),
    queue            LowCardinality(String),
    account          LowCardinality(String),
    cost             String CODEC(ZSTD(1)) COMMENT 'as the source writes it',

    duration_ms      Nullable(Int64) CODEC(T64, ZSTD(1)),
    wait_ms          Nullable(Int64) CODEC(T64, ZSTD(1)),
    ring_ms          Nullable(Int64) CODEC(T64, ZSTD(1)),
    talk_ms          Nullable(Int64) CODEC(T64, ZSTD(1)),
    hold_ms          Nullable(Int64) CODEC(T64, ZSTD(1)),
    transfer_count   UInt16,
    recording_count  UInt16,

    mos              Nullable(Float64) CODEC(ZSTD(1)),
    pdd_s            Nullable(Float64) CODEC(ZSTD(1)),
    jitter_ms        Nullable(Float64) CODEC(ZSTD(1)),
    loss_pct         Nullable(Float64) CODEC(ZSTD(1)),

    sources          Array(LowCardinality(String)),
    keys             Array(String) CODEC(ZSTD(1)),
    frames           Array(FixedString(16)) CODEC(ZSTD(1)),

    numbers          Array(String) CODEC(ZSTD(1)) COMMENT 'every number on the call: parties, dialled, legs, agents, transfers; E.164 or as written',
    tails            Array(String) DEFAULT arrayDistinct(arrayMap(x -> right(trimLeft(x, '+'), 7), numbers)) CODEC(ZSTD(1)) COMMENT 'last 7 characters of each of numbers: what a search for any number goes by',
    extensions       Array(String) CODEC(ZSTD(1)) COMMENT 'every phone of ours that rang or talked on the call',
    names            String CODEC(ZSTD(1)) COMMENT 'every name on the call in lower case, one a line',
    detail           String CODEC(ZSTD(3)) COMMENT 'JSON: legs, steps, transfers, recordings; see ledger/detail.py',

    from_tail        String ALIAS right(trimLeft(from_number, '+'), 7),
    to_tail          String ALIAS right(trimLeft(to_number, '+'), 7),
    dialled_tail     String ALIAS right(trimLeft(dialled, '+'), 7),
    duration_s       Nullable(Float64) ALIAS duration_ms / 1000,
    wait_s           Nullable(Float64) ALIAS wait_ms / 1000,
    ring_s           Nullable(Float64) ALIAS ring_ms / 1000,
    talk_s           Nullable(Float64) ALIAS talk_ms / 1000,
    hold_s           Nullable(Float64) ALIAS hold_ms / 1000,
    has_recording    UInt8 ALIAS recording_count > 0,
    has_transfer     UInt8 ALIAS transfer_count > 0,

    INDEX started_at_range started_at TYPE minmax GRANULARITY 1,
    INDEX from_tail_bloom right(trimLeft(from_number, '+'), 7) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX to_tail_bloom right(trimLeft(to_number, '+'), 7) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX dialled_tail_bloom right(trimLeft(dialled, '+'), 7) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX tails_bloom tails TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX names_text names TYPE ngrambf_v1(3, 8192, 2, 0) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision, gone)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (tenant, opened_at, id)
SETTINGS
    enable_block_number_column = 1,
    enable_block_offset_column = 1,
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    index_granularity = 2048,
    min_bytes_for_wide_part = 134217728
COMMENT 'calls; one row per revision';

-- Which call a joined call leads to.
CREATE TABLE IF NOT EXISTS aliases
(
    tenant    LowCardinality(String),
    id        UUID,
    leads_to  UUID,
    revision  UInt32
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (tenant, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'joined calls and the calls that they lead to';

-- Which call a correlation key belongs to. Looked up thousands at a time within some days, hence the day before the key.
CREATE TABLE IF NOT EXISTS keys
(
    tenant LowCardinality(String),
    at     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'start of the call, as it was when the key was written',
    key    UInt64 CODEC(Delta, ZSTD(1)) COMMENT 'hash of source and key',
    call   UUID CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, toDate(at), key, call)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'correlation keys of calls';
