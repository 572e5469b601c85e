CREATE TABLE IF NOT EXISTS ${database}.reconciliations
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    at DateTime64(3, 'UTC') COMMENT 'When the comparison was done, UTC',
    view LowCardinality(String) COMMENT 'View that was compared with order_changes',
    scope LowCardinality(String) COMMENT 'all, or the days that were compared',
    buckets UInt64 COMMENT 'Rows of the view that were compared',
    drifted UInt64 COMMENT 'Rows that differed',
    drift Decimal(38, 4) COMMENT 'Sum of the absolute differences of all summed columns',
    mended UInt8 COMMENT '1 if the differences were inserted',
    example String COMMENT 'Key of one row that differed, else empty'
)
ENGINE = MergeTree
ORDER BY (tenant, at, view)
TTL toDateTime(at) + INTERVAL 90 DAY
SETTINGS auto_statistics_types = ''
COMMENT 'What the reconciler found. Grain: comparison of one view of one tenant.'
