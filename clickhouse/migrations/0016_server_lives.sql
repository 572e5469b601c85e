CREATE TABLE IF NOT EXISTS ${database}.server_lives
(
    server_start Int64 COMMENT 'When the server was started, seconds since 1970',
    state LowCardinality(String) COMMENT 'started; clean: revwall stopped with nothing under way; audited: all views were compared since',
    at DateTime64(3, 'UTC') COMMENT 'When this row was written, UTC'
)
ENGINE = MergeTree
ORDER BY (server_start, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'Which lives of the server ended cleanly: after any other, all views are audited. Grain: event.'
