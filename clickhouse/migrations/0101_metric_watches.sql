CREATE TABLE IF NOT EXISTS ${database}.metric_watches
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was stored, UTC',
    up_to DateTime64(3, 'UTC') COMMENT 'All buckets before it are judged or learned, UTC',
    width UInt16 COMMENT 'Width of a bucket, minutes',
    days Float64 COMMENT 'Days of history that buckets are compared with',
    series UInt32 COMMENT 'Series that are watched: four metrics of the whole, of each source and of each region',
    states String COMMENT 'How far each series is on the way to an alarm, JSON'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY tenant
SETTINGS auto_statistics_types = ''
COMMENT 'How far the metrics are watched. Grain: tenant; read with FINAL.'
