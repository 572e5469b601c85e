CREATE TABLE IF NOT EXISTS ${database}.targets
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    series LowCardinality(String) COMMENT 'What is to be reached: revenue or orders; booked day axis',
    period LowCardinality(String) COMMENT 'In each day, week (from Monday) or month',
    from_day Date COMMENT 'Local day of the tenant from which on it is to be reached, until there is a later one',
    amount Decimal(15, 4) COMMENT 'So much in one period, in the currency or as a number of orders',
    currency LowCardinality(String) COMMENT 'Currency of revenue, ISO 4217; empty: orders',
    by String COMMENT 'Who set it',
    removed UInt8 COMMENT '1: it was taken back',
    version UInt64 COMMENT 'Place in the log: milliseconds of the append and offset; the largest counts'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, series, period, from_day)
SETTINGS auto_statistics_types = ''
COMMENT 'What is to be reached in each day, week or month. Grain: series, period and first day; read with FINAL.'
