CREATE TABLE IF NOT EXISTS ${database}.rates
(
    tenant LowCardinality(String) COMMENT 'Tenant whose amounts it converts',
    base LowCardinality(String) COMMENT 'Currency that is converted, ISO 4217',
    quote LowCardinality(String) COMMENT 'Currency that it is converted to, ISO 4217',
    day Date COMMENT 'Day of the rate, as its provider dates it',
    rate Decimal(19, 10) COMMENT 'One unit of base is so many units of quote',
    provider LowCardinality(String) COMMENT 'Who says so',
    version UInt64 COMMENT 'Place in the log: milliseconds of the append and offset; the largest counts'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, quote, base, day)
SETTINGS auto_statistics_types = ''
COMMENT 'Exchange rates. Grain: pair of currencies and day; read with FINAL. A rate that was corrected replaces the former.'
