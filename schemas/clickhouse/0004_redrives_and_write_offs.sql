-- What was refused and can be read now comes again: its report is no word of the terminal, and each entry of the
-- quarantine moves to «applied» once.
ALTER TABLE arrivals ADD COLUMN IF NOT EXISTS is_redrive Bool COMMENT 'nobody spoke: what was refused is read now';
ALTER TABLE arrivals ADD COLUMN IF NOT EXISTS redriven String COMMENT 'the entry of the quarantine that it settled first';
ALTER TABLE arrivals ADD COLUMN IF NOT EXISTS redriven_by LowCardinality(String) COMMENT '… and who asked for it';
ALTER TABLE arrivals ADD COLUMN IF NOT EXISTS released_keys Array(UInt64) COMMENT 'of refused_keys: the one that is quarantined no more';
ALTER TABLE arrivals ADD COLUMN IF NOT EXISTS uncounted UInt32 COMMENT 'its items that add nothing to what was received';
-- Re-drives are rare: whoever looks for them skips nearly every granule.
ALTER TABLE arrivals ADD INDEX IF NOT EXISTS redrives is_redrive TYPE minmax GRANULARITY 1;

ALTER TABLE quarantine ADD COLUMN IF NOT EXISTS sent_at Nullable(DateTime64(6, 'UTC')) COMMENT 'of the report, by the terminal''s clock' AFTER received_at;

-- Numbers of which the office said that they will never come: one row for each such operation.
CREATE TABLE IF NOT EXISTS write_offs
(
    terminal    String,
    epoch       UInt64,
    from_seq    UInt64,
    to_seq      UInt64,
    reason      String,
    author      String,
    recorded_at DateTime64(6, 'UTC'),
    number      UInt64               COMMENT 'of the operation: its offset in kmonitor.operations.v1'
)
ENGINE = ReplacingMergeTree
ORDER BY (terminal, epoch, number);
