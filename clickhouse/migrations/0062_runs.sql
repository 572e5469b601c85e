CREATE TABLE IF NOT EXISTS ${control}.runs
(
    run LowCardinality(String) COMMENT 'Run, e.g. r2; a name is never used again',
    state LowCardinality(String) COMMENT 'open: processors fill it; dropped',
    database LowCardinality(String) COMMENT 'Database of its tables',
    code LowCardinality(String) COMMENT 'Version of the code that opened or dropped it',
    at DateTime64(3, 'UTC') COMMENT 'When this row was written, UTC'
)
ENGINE = MergeTree
ORDER BY (run, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'Lives of the tables. The first one, r1, has no row until it is dropped. Grain: opening or dropping of a run.'
