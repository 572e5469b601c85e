CREATE TABLE IF NOT EXISTS ${database}.annotations
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    id String COMMENT 'Its name, given by whoever told it or made here',
    kind LowCardinality(String) COMMENT 'What it is of: deploy, promotion, price or other',
    at DateTime64(3, 'UTC') COMMENT 'When it happened or began, UTC',
    until Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended, UTC; null: it is of a moment',
    text String COMMENT 'What happened, in the words of whoever told it',
    by String COMMENT 'Who told it',
    removed UInt8 COMMENT '1: it was taken back',
    version UInt64 COMMENT 'Place in the log: milliseconds of the append and offset; the largest counts'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, id)
SETTINGS auto_statistics_types = ''
COMMENT 'What happened when, beside the numbers. Grain: annotation; read with FINAL.'
