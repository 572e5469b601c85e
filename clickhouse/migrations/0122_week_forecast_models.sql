CREATE TABLE IF NOT EXISTS ${database}.week_forecast_models
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'What is forecast, by week: revenue, orders or ticket (sales by orders); booked day axis',
    dimension LowCardinality(String) COMMENT 'What it is split by: all (nothing), source, region, country, category or product',
    key String COMMENT 'Value of the dimension, of a product its article number; empty: all',
    cutoff Date COMMENT 'Last local day that it knows of: the Sunday of the last whole week',
    revision UInt32 COMMENT 'Number of the tenant''s forecast; the largest counts. May be written twice, alike',
    first_week Date COMMENT 'First whole week of the history: its Monday',
    weeks UInt32 COMMENT 'Weeks of the history, up to the cut-off',
    model LowCardinality(String) COMMENT 'Method and its version',
    methods Array(LowCardinality(String)) COMMENT 'What is combined, by weight',
    weights Array(Float64) COMMENT 'Weight of each method; they add up to 1',
    fallback String COMMENT 'Why fewer methods than usual had to do; empty: they did not',
    origins UInt16 COMMENT 'Weeks of the past from which the backtest forecast what came',
    wape Nullable(Float64) COMMENT 'Backtest: missed by what there was, a share of 1; null: nothing to compare',
    smape Nullable(Float64) COMMENT 'Backtest: symmetric mean absolute percentage error, 0 to 200; null: nothing to compare',
    mase Nullable(Float64) COMMENT 'Backtest: mean absolute error by that of the week before, within the history; null: nothing to compare',
    seasonal_naive_wape Nullable(Float64) COMMENT 'The same of the same week a year before, of the week before where less than a year is known, a share of 1; null: nothing to compare',
    seasonal_naive_smape Nullable(Float64) COMMENT 'The same of the same week a year before, of the week before where less than a year is known, 0 to 200; null: nothing to compare',
    seasonal_naive_mase Nullable(Float64) COMMENT 'The same of the same week a year before, of the week before where less than a year is known, a ratio; null: nothing to compare',
    naive_wape Nullable(Float64) COMMENT 'The same of the last week, a share of 1; null: nothing to compare',
    naive_smape Nullable(Float64) COMMENT 'The same of the last week, 0 to 200; null: nothing to compare',
    naive_mase Nullable(Float64) COMMENT 'The same of the last week, a ratio; null: nothing to compare',
    coverage80 Nullable(Float64) COMMENT 'Backtest: weeks that came within the interval of 80 %, a share of 1; null: none tested',
    coverage95 Nullable(Float64) COMMENT 'Backtest: weeks that came within the interval of 95 %, a share of 1; null: none tested',
    tested UInt32 COMMENT 'Weeks behind the coverage',
    past Array(Nullable(Decimal(18, 4))) COMMENT 'The last weeks up to the cut-off as they were when it was made, in the unit of the series; null: a ticket without orders',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; what was booked in others is left out',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(cutoff)
ORDER BY (tenant, series, dimension, key, cutoff, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'How each forecast of weeks was made and how well it would have done. Grain: series, cut-off and revision; read with FINAL.'
