CREATE TABLE IF NOT EXISTS ${database}.dead_letters
(
    tenant LowCardinality(String) COMMENT 'Tenant; empty where the record does not tell it',
    source LowCardinality(String) COMMENT 'Source; empty where the record does not tell it',
    origin String COMMENT 'Where the record came from, unique for ever: topic:incarnation:partition:offset or file:name:line',
    reason LowCardinality(String) COMMENT 'unreadable, invalid or refused',
    detail String COMMENT 'What is wrong with it',
    at DateTime64(3, 'UTC') COMMENT 'When it was set aside, UTC',
    payload String COMMENT 'The record as it came',
    encoding LowCardinality(String) COMMENT 'utf8 or base64',
    offset Int64 COMMENT 'Offset of the letter on the dead-letters topic'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, source, origin)
SETTINGS auto_statistics_types = ''
COMMENT 'Records that could not be taken. Grain: origin; read with FINAL, a letter may be written twice.'
