-- Which register of its terminal an event sets (kmonitor.domain.terminal.register_names): the last word of each tells how
-- the terminal was at any moment, and is found without reading the events themselves.
ALTER TABLE events ADD COLUMN IF NOT EXISTS register LowCardinality(String)
    COMMENT 'parts joined by U+001F; empty for events that set none' AFTER item;
