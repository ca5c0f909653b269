-- Calls are read from one column, `detail`, not from forty: a page of calls that lie months apart decompresses a granule of each
-- column it reads for every call. So the columns beside it serve searching alone, those that nobody searches are
-- taken from it when asked for, and a granule is half as large. `digits` is what a search for any number reads, instead of an array.
--
-- Every statement may be taken again: rows that are whole already stay as they are.
DROP TABLE IF EXISTS calls_next SYNC;

CREATE TABLE IF NOT EXISTS calls_next
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
    from_name        String CODEC(ZSTD(1)),
    to_number        String CODEC(ZSTD(1)),
    to_name          String CODEC(ZSTD(1)),
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
    tails            Array(String) DEFAULT arrayDistinct(arrayMap(x -> right(trimLeft(x, '+'), 7), numbers)) CODEC(ZSTD(1)) COMMENT 'last 7 characters of each of numbers, for the index on them',
    digits           String DEFAULT concat('\n', arrayStringConcat(arrayMap(x -> if(match(x, '^[+]?[0-9]*$'), x, concat(if(startsWith(x, '+'), '+', ''), replaceRegexpAll(x, '[^0-9]', ''))), numbers), '\n'), '\n') CODEC(ZSTD(1)) COMMENT 'the digits of each of numbers, and its plus, one a line: what a search for any number reads',
    extensions       Array(String) CODEC(ZSTD(1)) COMMENT 'every phone of ours that rang or talked on the call',
    names            String CODEC(ZSTD(1)) COMMENT 'every name on the call in lower case, one a line',
    detail           String CODEC(ZSTD(1)) COMMENT 'JSON: the call, but for id, tenant, start, sources, keys, frames, revision and rules; see ledger/detail.py',

    from_tail        String ALIAS right(trimLeft(from_number, '+'), 7),
    to_tail          String ALIAS right(trimLeft(to_number, '+'), 7),
    dialled_tail     String ALIAS right(trimLeft(dialled, '+'), 7),
    from_raw         String ALIAS JSONExtractString(detail, 10),
    from_kind        String ALIAS JSONExtractString(detail, 12),
    to_raw           String ALIAS JSONExtractString(detail, 14),
    to_kind          String ALIAS JSONExtractString(detail, 16),
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
    INDEX names_text names TYPE ngrambf_v1(3, 4096, 2, 0) GRANULARITY 1
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
    index_granularity = 1024,
    min_bytes_for_wide_part = 134217728
COMMENT 'calls; one row per revision';

INSERT INTO calls_next (
    tenant, id, opened_at, revision, gone, rules, started_at, answered_at, ended_at, direction, outcome, hangup_by,
    cause_q850, cause_sip, cause_text, from_number, from_name, to_number, to_name, dialled,
    agent_extensions, agent_names, agent_talk_ms, queue, account, cost, duration_ms, wait_ms, ring_ms, talk_ms, hold_ms,
    transfer_count, recording_count, mos, pdd_s, jitter_ms, loss_pct, sources, keys, frames, numbers, extensions, names, detail
)
SELECT
    tenant, id, opened_at, revision, gone, rules, started_at, answered_at, ended_at, direction, outcome, hangup_by,
    cause_q850, cause_sip, cause_text, from_number, from_name, to_number, to_name, dialled,
    agent_extensions, agent_names, agent_talk_ms, queue, account, cost, duration_ms, wait_ms, ring_ms, talk_ms, hold_ms,
    transfer_count, recording_count, mos, pdd_s, jitter_ms, loss_pct, sources, keys, frames, numbers, extensions, names,
    if(startsWith(detail, '[['), concat(substring(head, 1, length(head) - 1), ',', substring(detail, 2)), detail)
FROM
(
    SELECT *, toJSONString((
        toUnixTimestamp64Micro(answered_at) - toUnixTimestamp64Micro(started_at),
        toUnixTimestamp64Micro(ended_at) - toUnixTimestamp64Micro(started_at),
        direction, outcome, hangup_by, cause_q850, cause_sip, cause_text,
        from_number, from_raw, from_name, from_kind, to_number, to_raw, to_name, to_kind, dialled,
        arrayZip(agent_extensions, agent_names, agent_talk_ms), queue, account, cost,
        duration_ms, wait_ms, ring_ms, talk_ms, hold_ms, mos, pdd_s, jitter_ms, loss_pct
    )) AS head
    FROM calls
)
SETTINGS final = 0, max_partitions_per_insert_block = 0;

EXCHANGE TABLES calls_next AND calls;

DROP TABLE IF EXISTS calls_next SYNC;
