CREATE TABLE IF NOT EXISTS ${database}.week_forecasts
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'What is forecast, by week: revenue, orders or ticket (sales by orders); booked day axis',
    dimension LowCardinality(String) COMMENT 'What it is split by: all (nothing), source, region, country, category or product',
    key String COMMENT 'Value of the dimension, of a product its article number; empty: all',
    cutoff Date COMMENT 'Last local day that it knows of: the Sunday of the last whole week',
    revision UInt32 COMMENT 'Number of the tenant''s forecast; the largest counts. May be written twice, alike',
    week Date COMMENT 'Week that is forecast, in local days of the tenant: its Monday',
    horizon UInt16 COMMENT 'Weeks from the cut-off, from 1',
    value Decimal(18, 4) COMMENT 'Forecast of the week, an estimate, in the unit of the series',
    low80 Decimal(18, 4) COMMENT 'Lower bound of the interval of 80 %, in the unit of the series',
    high80 Decimal(18, 4) COMMENT 'Upper bound of the interval of 80 %, in the unit of the series',
    low95 Decimal(18, 4) COMMENT 'Lower bound of the interval of 95 %, in the unit of the series',
    high95 Decimal(18, 4) COMMENT 'Upper bound of the interval of 95 %, in the unit of the series',
    unit LowCardinality(String) COMMENT 'Unit of the series: the currency, or orders',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; what was booked in others is left out',
    model LowCardinality(String) COMMENT 'Method and its version',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(cutoff)
ORDER BY (tenant, series, dimension, key, cutoff, revision, week)
SETTINGS auto_statistics_types = ''
COMMENT 'Forecasts of weeks from Monday with their intervals, each as it was made. Grain: series, cut-off, revision and week; read with FINAL.'
