CREATE TABLE IF NOT EXISTS ${database}.pace_bands
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'What has come since local midnight: revenue or orders; booked day axis',
    day Date COMMENT 'Local day of the tenant',
    revision UInt32 COMMENT 'Number of the forecast that it goes by; the largest counts',
    minute UInt16 COMMENT 'Minutes since local midnight that have passed: 0, 15, … up to the end of the day, be it of 23 or 25 hours',
    value Decimal(18, 4) COMMENT 'Usual by then, an estimate, in the unit of the series',
    low80 Decimal(18, 4) COMMENT 'Lower bound of the interval of 80 %, in the unit of the series',
    high80 Decimal(18, 4) COMMENT 'Upper bound of the interval of 80 %, in the unit of the series',
    low95 Decimal(18, 4) COMMENT 'Lower bound of the interval of 95 %, in the unit of the series',
    high95 Decimal(18, 4) COMMENT 'Upper bound of the interval of 95 %, in the unit of the series',
    cutoff Date COMMENT 'Last local day that the forecast knows of',
    former_days UInt16 COMMENT 'Former days of the kind behind it',
    unit LowCardinality(String) COMMENT 'Unit of the series: the currency, or orders',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; what was booked in others is left out',
    model LowCardinality(String) COMMENT 'Method and its version',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree(at)
PARTITION BY toYear(day)
ORDER BY (tenant, series, day, revision, minute)
SETTINGS auto_statistics_types = ''
COMMENT 'What is usual of a local day by each quarter of an hour, with intervals. Grain: series, day, revision and elapsed minute; read with FINAL.'
