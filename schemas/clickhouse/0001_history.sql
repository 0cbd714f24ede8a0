-- What the log said, as rows. Every table replaces by an identity that is the same in every copy of a row, so
-- that an insert may be repeated; the copy that stands first in the log wins. Partitions derive only from what
-- is identical in every copy, clamped, so that a clock in 1970 or 2100 makes no partition of its own.

-- One row for each report in the log: what completeness is computed from.
CREATE TABLE IF NOT EXISTS arrivals
(
    terminal         String,
    epoch            UInt64,
    partition        UInt32,
    offset           UInt64,
    sent_at          DateTime64(6, 'UTC'),
    received_at      DateTime64(6, 'UTC'),
    queued           UInt32,
    operations_up_to Int64,
    interval_s       UInt32                 COMMENT 'the terminal''s report interval as the office had set it',
    is_backlog       Bool                   COMMENT 'its newest event was older than 2.5 intervals',
    events           UInt32                 COMMENT 'readable items in the report',
    refused          UInt32                 COMMENT 'items that the gateway could not read',
    first_seqs       Array(UInt64)          COMMENT 'ranges of the numbers of the readable items: their first',
    last_seqs        Array(UInt64)          COMMENT '… and their last number',
    last_times       Array(DateTime64(6, 'UTC')) COMMENT '… and the event time of the last',
    refused_seqs     Array(UInt64)          COMMENT 'numbers of refused items, where readable',
    refused_keys     Array(UInt64)          COMMENT 'refused items that came for the first time',
    conflict_keys    Array(UInt64)          COMMENT 'items with a taken number and another content, first time',
    duplicates       UInt32                 COMMENT 'items that had come before: events, refusals and conflicts'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(least(greatest(received_at, toDateTime64('2020-01-01 00:00:00', 6, 'UTC')),
                            toDateTime64('2040-12-31 00:00:00', 6, 'UTC')))
ORDER BY (terminal, epoch, partition, offset);

-- Each event once, as the bytes that came.
CREATE TABLE IF NOT EXISTS events
(
    terminal     String,
    epoch        UInt64,
    seq          UInt64,
    content_hash UInt64 MATERIALIZED xxh3(body),
    type         LowCardinality(String),
    at           DateTime64(6, 'UTC')  COMMENT 'as the terminal said',
    event_time   DateTime64(6, 'UTC')  COMMENT 'at, or counted back from received_at when its clock is wrong',
    received_at  DateTime64(6, 'UTC'),
    partition    UInt32,
    offset       UInt64,
    item         UInt32                COMMENT 'index among the readable items of the report',
    body         String CODEC(ZSTD(1)),
    precedence   UInt64 MATERIALIZED bitNot(bitShiftLeft(offset, 20) + item) COMMENT 'highest for the first in the log'
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(least(greatest(at, toDateTime64('2020-01-01 00:00:00', 6, 'UTC')),
                            toDateTime64('2040-12-31 00:00:00', 6, 'UTC')))
ORDER BY (terminal, epoch, seq, content_hash);

-- One row for each record of kmonitor.fault-events.v1.
CREATE TABLE IF NOT EXISTS faults
(
    fault_id   String,
    kind       LowCardinality(String)  COMMENT 'raised, cleared',
    at         DateTime64(6, 'UTC'),
    terminal   String,
    rule       LowCardinality(String),
    device     LowCardinality(String)  COMMENT 'empty when the fault is of no unit',
    unit       String,
    condition  LowCardinality(String),
    code       String,
    severity   LowCardinality(String),
    effect     LowCardinality(String),
    money_risk Bool,
    acts       LowCardinality(String),
    raised_at  DateTime64(6, 'UTC'),
    since      DateTime64(6, 'UTC')    COMMENT 'event time of the cause',
    evidence   Array(String),
    partition  UInt32,
    offset     UInt64,
    body       String CODEC(ZSTD(1))   COMMENT 'the record itself',
    precedence UInt64 MATERIALIZED bitNot(offset)
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (terminal, fault_id, kind);

-- What nobody can read, and what contradicts an earlier word: exact bytes and the reason.
CREATE TABLE IF NOT EXISTS quarantine
(
    identity           String,
    reason             LowCardinality(String),
    stage              LowCardinality(String),
    detail             String,
    terminal           String            COMMENT 'empty when not known',
    epoch              Nullable(UInt64),
    seq                Nullable(UInt64),
    item_index         Nullable(UInt32),
    original_topic     LowCardinality(String),
    original_partition Nullable(UInt32),
    original_offset    Nullable(UInt64),
    received_at        DateTime64(6, 'UTC'),
    redacted           Bool,
    key                String,
    value              String CODEC(ZSTD(1)),
    offset             UInt64            COMMENT 'in kmonitor.quarantine.v1',
    precedence         UInt64 MATERIALIZED bitNot(offset)
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY identity;
