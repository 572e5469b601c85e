CREATE TABLE IF NOT EXISTS ${database}.view_pointers
(
    logical LowCardinality(String) COMMENT 'Name that queries use, e.g. headline',
    seq UInt32 COMMENT 'Number of the move, by name: the largest counts',
    table_name LowCardinality(String) COMMENT 'Table that is read from now on, e.g. headline_v3',
    at DateTime64(3, 'UTC') COMMENT 'When it moved, UTC'
)
ENGINE = MergeTree
ORDER BY (logical, seq)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'Which table stands behind a name; a name without a row is at the table that the code ships. Grain: move.'
