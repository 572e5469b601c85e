CREATE TABLE IF NOT EXISTS ${database}.barriers
(
    id String COMMENT 'Barrier',
    owner String COMMENT 'Who opened it and why',
    state Int8 COMMENT '1 opened, -1 closed',
    at DateTime64(3, 'UTC') COMMENT 'When this row was written, UTC',
    expires_at DateTime64(3, 'UTC') COMMENT 'When it ends by itself, UTC'
)
ENGINE = MergeTree
ORDER BY (id, state)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'While a barrier is open the guard of every batch waits. Grain: opening or closing.'
