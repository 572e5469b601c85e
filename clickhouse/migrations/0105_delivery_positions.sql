CREATE TABLE IF NOT EXISTS ${control}.delivery_positions
(
    tenant LowCardinality(String) COMMENT 'Tenant; empty for commands',
    endpoint String COMMENT 'Id of the endpoint; empty for commands',
    incarnation String COMMENT 'Life of the log',
    topic LowCardinality(String) COMMENT 'Topic',
    partition UInt16 COMMENT 'Partition',
    next Int64 COMMENT 'Offset that is to be looked at next: everything before it has a row of deliveries, or is not for this endpoint',
    at DateTime64(3, 'UTC') COMMENT 'When it was written, UTC'
)
ENGINE = ReplacingMergeTree(next)
ORDER BY (tenant, endpoint, incarnation, topic, partition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'How far each endpoint has the log. Grain: endpoint and partition; read with FINAL.'
