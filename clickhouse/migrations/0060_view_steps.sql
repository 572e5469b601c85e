CREATE TABLE IF NOT EXISTS ${database}.view_steps
(
    view LowCardinality(String) COMMENT 'Table of the view',
    seq UInt32 COMMENT 'Number of the step, by view: the largest is where it stands',
    step LowCardinality(String) COMMENT 'born: empty, at the marks; flowing: new rows come in; staged, moved: a chunk of old rows; live: equal to the base; dropped',
    attempt LowCardinality(String) COMMENT 'Who fills it: whoever takes over writes another one, and the one before is refused',
    definition LowCardinality(String) COMMENT 'Hash of its statements, hex',
    topics Array(LowCardinality(String)) COMMENT 'Mark vector at its birth: topics',
    partitions Array(UInt16) COMMENT 'Mark vector at its birth: partitions',
    offsets Array(Int64) COMMENT 'Mark vector at its birth: rows up to here are filled in, later ones flow in',
    upto_tenant String COMMENT 'Filled up to this key of order_changes: tenant',
    upto_source String COMMENT 'Filled up to this key of order_changes: source',
    upto_order_id String COMMENT 'Filled up to this key of order_changes: order id',
    is_last UInt8 COMMENT '1 if no key is left behind it',
    server_start Int64 COMMENT 'Life of the server, seconds since 1970: a filling does not outlive it',
    barrier_ms UInt32 COMMENT 'How long the barrier of its birth held, milliseconds; 0 elsewhere',
    at DateTime64(3, 'UTC') COMMENT 'When this row was written, UTC'
)
ENGINE = MergeTree
ORDER BY (view, seq)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'How views were added on the running system. A view without a row is as old as the run. Grain: step.'
