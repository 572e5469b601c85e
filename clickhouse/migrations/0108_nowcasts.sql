CREATE TABLE IF NOT EXISTS ${database}.nowcasts
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'Whose end it is: revenue or orders of the day; booked day axis',
    day Date COMMENT 'Local day of the tenant',
    minute UInt16 COMMENT 'Minutes since local midnight that had passed',
    so_far Decimal(18, 4) COMMENT 'What had come by then, in the unit of the series',
    place LowCardinality(String) COMMENT 'How that stands to what is usual by then: below, within or above',
    value Decimal(18, 4) COMMENT 'Where the day will end, an estimate, in the unit of the series',
    low80 Decimal(18, 4) COMMENT 'Lower bound of the interval of 80 %, in the unit of the series',
    high80 Decimal(18, 4) COMMENT 'Upper bound of the interval of 80 %, in the unit of the series',
    low95 Decimal(18, 4) COMMENT 'Lower bound of the interval of 95 %, in the unit of the series',
    high95 Decimal(18, 4) COMMENT 'Upper bound of the interval of 95 %, in the unit of the series',
    cutoff Date COMMENT 'Last local day that the forecast knows of',
    revision UInt32 COMMENT 'Number of the forecast that it goes by',
    unit LowCardinality(String) COMMENT 'Unit of the series: the currency, or orders',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; what was booked in others is left out',
    model LowCardinality(String) COMMENT 'Method and its version',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree(at)
PARTITION BY toYear(day)
ORDER BY (tenant, series, day, minute)
SETTINGS auto_statistics_types = ''
COMMENT 'Where a local day was to end, as it was reckoned while it went on. Grain: series, day and elapsed minute; read with FINAL.'
