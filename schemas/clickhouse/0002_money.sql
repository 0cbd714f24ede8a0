-- Money is a set of facts: nothing is too late, a repeated fact counts once, the first in the log is the fact.

-- What was said of payments, never changed.
CREATE TABLE IF NOT EXISTS payment_facts
(
    terminal     String,
    payment_id   String,
    kind         LowCardinality(String)  COMMENT 'accepted, completed, failed, cancelled, refunded',
    refund_id    String                  COMMENT 'empty but for refunds',
    content_hash UInt64                  COMMENT 'of what was said, the same under another epoch and seq',
    payment_key  UInt64                  COMMENT '64 bits of (terminal, payment_id), for fast search',
    epoch        UInt64,
    seq          UInt64,
    partition    UInt32,
    offset       UInt64,
    item         UInt32,
    at           DateTime64(6, 'UTC')    COMMENT 'as the terminal said',
    event_time   DateTime64(6, 'UTC'),
    received_at  DateTime64(6, 'UTC'),
    day          Date                    COMMENT 'in the terminal''s own zone',
    hour         DateTime('UTC')         COMMENT 'the terminal''s wall clock',
    zone         LowCardinality(String),
    dealer       LowCardinality(String),
    region       LowCardinality(String),
    service      LowCardinality(String),
    recipient    LowCardinality(String),
    method       LowCardinality(String),
    currency     LowCardinality(String),
    inserted     Int64,
    credited     Int64,
    fee          Int64,
    change       Int64,
    is_test      Bool,
    reason       String                  COMMENT 'of a failure or a cancellation',
    precedence   UInt64 MATERIALIZED bitNot(bitShiftLeft(offset, 20) + item) COMMENT 'highest for the first in the log'
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(least(greatest(at, toDateTime64('2020-01-01 00:00:00', 6, 'UTC')),
                            toDateTime64('2040-12-31 00:00:00', 6, 'UTC')))
ORDER BY (terminal, payment_id, kind, refund_id, content_hash);

-- What each payment adds to which bucket: absolute, computed from its facts, rewritten when they grow.
CREATE TABLE IF NOT EXISTS payment_bookings
(
    hour       DateTime('UTC')         COMMENT 'local wall clock',
    terminal   String,
    payment_id String,
    refund_id  String,
    service    LowCardinality(String),
    recipient  LowCardinality(String),
    dealer     LowCardinality(String),
    region     LowCardinality(String),
    method     LowCardinality(String),
    currency   LowCardinality(String),
    zone       LowCardinality(String),
    event_time DateTime64(6, 'UTC'),
    partition  UInt32,
    payments   Int64,
    inserted   Int64,
    credited   Int64,
    fee        Int64,
    refunded   Int64,
    revision   UInt64                  COMMENT 'offset in the log up to which the facts were known'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(least(greatest(hour, toDateTime('2020-01-01 00:00:00', 'UTC')),
                            toDateTime('2040-12-31 00:00:00', 'UTC')))
ORDER BY (hour, terminal, payment_id, refund_id, service, recipient, dealer, region, method, currency);

-- Revenue by hour: absolute, the sum of the bookings; an emptied bucket stands as zero.
CREATE TABLE IF NOT EXISTS revenue_hourly
(
    day       Date,
    hour      DateTime('UTC')          COMMENT 'local wall clock',
    terminal  String,
    service   LowCardinality(String),
    recipient LowCardinality(String),
    dealer    LowCardinality(String),
    region    LowCardinality(String),
    method    LowCardinality(String),
    currency  LowCardinality(String),
    zone      LowCardinality(String),
    payments  Int64,
    inserted  Int64,
    credited  Int64,
    fee       Int64,
    refunded  Int64,
    revision  UInt64
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(least(greatest(hour, toDateTime('2020-01-01 00:00:00', 'UTC')),
                            toDateTime('2040-12-31 00:00:00', 'UTC')))
ORDER BY (day, hour, terminal, service, recipient, dealer, region, method, currency);

-- Which events of a terminal revenue-rollup has counted, and up to which offset: the first of a number counts.
CREATE TABLE IF NOT EXISTS revenue_progress
(
    terminal   String,
    partition  UInt32,
    revision   UInt64                  COMMENT 'the last offset included',
    operations_up_to Int64             COMMENT 'the highest that the partition had shown by then',
    epochs     Array(UInt64)           COMMENT 'of each range of numbers: its epoch',
    first_seqs Array(UInt64)           COMMENT '… its first',
    last_seqs  Array(UInt64)           COMMENT '… and its last'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY terminal;
