CREATE TABLE IF NOT EXISTS ${control}.incident_messages
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    endpoint String COMMENT 'Id of the Slack endpoint',
    dedup_key String COMMENT 'Of the incident',
    channel String COMMENT 'Slack''s id of the channel',
    ts String COMMENT 'Slack''s id of the message in it',
    shown_at DateTime64(3, 'UTC') COMMENT 'When that which the message shows was computed, UTC',
    at DateTime64(3, 'UTC') COMMENT 'When the message was written, UTC'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (tenant, endpoint, dedup_key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'The message of each incident, which is updated in place. Grain: endpoint and incident; read with FINAL.'
