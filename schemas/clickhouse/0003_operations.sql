-- What the office said, for whoever audits it: one row for each record of kmonitor.operations.v1. Of records with
-- one operation_id the first counts; the others are repetitions that had no effect.
CREATE TABLE IF NOT EXISTS operations
(
    number         UInt64                  COMMENT 'its offset in the log',
    operation_id   String,
    author         LowCardinality(String)  COMMENT 'admin, a person, or token:<name>',
    recorded_at    DateTime64(6, 'UTC'),
    effective_from DateTime64(6, 'UTC')    COMMENT 'recorded_at when nothing else was said',
    type           LowCardinality(String),
    subject        String                  COMMENT 'a terminal, or a kind and a slash and whom it is about',
    body           String CODEC(ZSTD(1))   COMMENT 'what was said; keys and passwords are not in it'
)
ENGINE = ReplacingMergeTree
ORDER BY number;
