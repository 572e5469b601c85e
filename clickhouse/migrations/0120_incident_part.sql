ALTER TABLE ${database}.incident_changes
    ADD COLUMN IF NOT EXISTS dimension LowCardinality(String) COMMENT 'Of a metric, whose numbers these are: total, source or region; empty: no metric, or stored before this column',
    ADD COLUMN IF NOT EXISTS member String COMMENT 'Which source or region; empty: the total'
