CREATE TABLE IF NOT EXISTS ${control}.shown_runs
(
    seq UInt32 COMMENT 'Number of the switch: the largest counts',
    run LowCardinality(String) COMMENT 'Run that is shown from now on',
    database LowCardinality(String) COMMENT 'Database of its tables',
    at DateTime64(3, 'UTC') COMMENT 'When it was switched to, UTC'
)
ENGINE = MergeTree
ORDER BY seq
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'The pointer: the last row says which run the api reads. Without a row it is r1. Grain: switch.'
