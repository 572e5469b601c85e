CREATE TABLE IF NOT EXISTS ${database}.segment_days
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant',
    segment LowCardinality(String) COMMENT 'Segment',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC; the newest of a day counts',
    customers UInt32 COMMENT 'Customers in the segment at that time',
    revenue Decimal(38, 4) COMMENT 'Their revenue so far, currency units',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (tenant, day, segment)
SETTINGS auto_statistics_types = ''
COMMENT 'Customers and revenue by segment, as they stood last on each day. Grain: day and segment; read with FINAL.'
