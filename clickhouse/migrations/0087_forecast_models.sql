CREATE TABLE IF NOT EXISTS ${database}.forecast_models
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'What is forecast, by day: revenue, orders or ticket (sales by orders); booked day axis',
    dimension LowCardinality(String) COMMENT 'What it is split by: all (nothing), source, region, country, category or product',
    key String COMMENT 'Value of the dimension, of a product its article number; empty: all',
    cutoff Date COMMENT 'Last local day that it knows of, a complete one',
    revision UInt32 COMMENT 'Number of the tenant''s forecast; the largest counts. May be written twice, alike',
    first_day Date COMMENT 'First local day of the history',
    days UInt32 COMMENT 'Days of the history, up to the cut-off',
    history String COMMENT 'Fingerprint of the tenant''s days that it was made from',
    model LowCardinality(String) COMMENT 'Method and its version',
    methods Array(LowCardinality(String)) COMMENT 'What is combined, by weight',
    weights Array(Float64) COMMENT 'Weight of each method; they add up to 1',
    fallback String COMMENT 'Why fewer methods than usual had to do; empty: they did not',
    origins UInt16 COMMENT 'Days of the past from which the backtest forecast what came',
    wape Nullable(Float64) COMMENT 'Backtest: missed by what there was, a share of 1; null: nothing to compare',
    smape Nullable(Float64) COMMENT 'Backtest: symmetric mean absolute percentage error, 0 to 200; null: nothing to compare',
    mase Nullable(Float64) COMMENT 'Backtest: mean absolute error by that of the same weekday a week before, within the history; null: nothing to compare',
    seasonal_naive_wape Nullable(Float64) COMMENT 'The same of the same weekday a week before, a share of 1; null: nothing to compare',
    seasonal_naive_smape Nullable(Float64) COMMENT 'The same of the same weekday a week before, 0 to 200; null: nothing to compare',
    seasonal_naive_mase Nullable(Float64) COMMENT 'The same of the same weekday a week before, a ratio; null: nothing to compare',
    naive_wape Nullable(Float64) COMMENT 'The same of the last day, a share of 1; null: nothing to compare',
    naive_smape Nullable(Float64) COMMENT 'The same of the last day, 0 to 200; null: nothing to compare',
    naive_mase Nullable(Float64) COMMENT 'The same of the last day, a ratio; null: nothing to compare',
    coverage80 Nullable(Float64) COMMENT 'Backtest: days that came within the interval of 80 %, a share of 1; null: none tested',
    coverage95 Nullable(Float64) COMMENT 'Backtest: days that came within the interval of 95 %, a share of 1; null: none tested',
    tested UInt32 COMMENT 'Days behind the coverage',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; what was booked in others is left out',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(cutoff)
ORDER BY (tenant, series, dimension, key, cutoff, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'How each forecast was made and how well it would have done. Grain: series, cut-off and revision; read with FINAL.'
