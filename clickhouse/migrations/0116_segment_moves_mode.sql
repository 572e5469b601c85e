ALTER TABLE ${database}.segment_moves
    ADD COLUMN IF NOT EXISTS mode LowCardinality(String) DEFAULT 'default' COMMENT 'Division that both segments are of'
