CREATE TABLE IF NOT EXISTS ${control}.deliveries
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    endpoint String COMMENT 'Id of the endpoint',
    endpoint_name LowCardinality(String) COMMENT 'What it was called then',
    kind LowCardinality(String) COMMENT 'webhook or slack',
    message_id String COMMENT 'webhook-id: the same for the same event of the same tenant, always',
    revision UInt32 COMMENT 'Number of the row of this message at this endpoint, from 1; the largest counts; may be written twice, alike',
    topic LowCardinality(String) COMMENT 'Topic of the event',
    incarnation String COMMENT 'Life of the log that has the event',
    partition UInt16 COMMENT 'Partition of the event',
    offset Int64 COMMENT 'Offset of the event',
    dedup_key String COMMENT 'Of the incident: the same in everything that is told of it; empty: of none',
    attempt UInt32 COMMENT 'Number of the attempt since it was queued, from 1; 0: nothing was sent',
    at DateTime64(3, 'UTC') COMMENT 'When the attempt began, or it was queued, UTC',
    status LowCardinality(String) COMMENT 'queued, retrying, delivered, superseded or dead',
    http_status UInt16 COMMENT 'Status of the answer; 0: there was none',
    error String COMMENT 'Why it failed; empty: it did not',
    duration_ms UInt32 COMMENT 'How long the attempt took, ms',
    next_attempt_at DateTime64(3, 'UTC') COMMENT 'When it is tried again, UTC; 1970: not at all',
    give_up_at DateTime64(3, 'UTC') COMMENT 'After this it is not tried any more, UTC',
    asked_by String COMMENT 'Who asked for it again; empty: nobody',
    command_id String COMMENT 'The command that asked for it again; empty: none'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, endpoint, message_id, revision)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'What was sent to other systems. Of all runs, for what was sent was sent. Grain: attempt; read with FINAL.'
