ALTER TABLE ${database}.segment_days
    ADD COLUMN IF NOT EXISTS mode LowCardinality(String) DEFAULT 'default' COMMENT 'Division of the segments; of a day with several the last one counts'
