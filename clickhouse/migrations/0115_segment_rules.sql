CREATE TABLE IF NOT EXISTS ${control}.segment_rules
(
    version UInt32 COMMENT 'Number of the rules, from 2; 1 are those that revwall brings along. The largest counts',
    rules String COMMENT 'Segments, rules by priority and what is otherwise, as JSON (core/segments/segment-rules.ts)',
    stored_by String COMMENT 'Who stored them',
    at DateTime64(3, 'UTC') COMMENT 'When they were stored, UTC'
)
ENGINE = MergeTree
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'Customers'' segments by absolute thresholds, of all tenants and runs. Each version is a function revwall_segment_vN, too. Grain: version.'
