CREATE TABLE IF NOT EXISTS ${database}.catalogue
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    source LowCardinality(String) COMMENT 'Source that knows the article',
    sku String COMMENT 'Article number',
    version UInt64 COMMENT 'Version at the source; the largest counts',
    changed_at DateTime64(3, 'UTC') COMMENT 'When it was changed at the source, UTC',
    name String COMMENT 'Name of the article',
    category_path Array(LowCardinality(String)) COMMENT 'Categories, from the widest to the narrowest',
    currency LowCardinality(String) COMMENT 'Currency of price and cost, ISO 4217; empty if not told',
    price Nullable(Decimal(15, 4)) COMMENT 'Price of one, currency units; null if not told',
    cost Nullable(Decimal(15, 4)) COMMENT 'Cost of one, currency units; null if not told',
    stock Nullable(Decimal(15, 4)) COMMENT 'Units in stock as the source last told; null if not told',
    reorder_point Nullable(Decimal(15, 4)) COMMENT 'Units at which to order again; null if not told'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, source, sku)
SETTINGS auto_statistics_types = ''
COMMENT 'Articles as their source describes them (what was sold stands in products). Grain: article of a source; read with FINAL.'
