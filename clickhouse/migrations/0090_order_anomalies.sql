CREATE TABLE IF NOT EXISTS ${database}.order_anomalies
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    source LowCardinality(String) COMMENT 'Source of the order',
    order_id String COMMENT 'Order id at its source',
    revision UInt32 COMMENT 'Number of the change by which the order counted first; that state was judged',
    event_id String COMMENT 'Id of the event on the topic anomalies: the same for the same order, always',
    detected_at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was found, UTC',
    day Date COMMENT 'Local day of the tenant when it was found: whose budget it took from',
    placed_at DateTime64(3, 'UTC') COMMENT 'When the order was placed, UTC',
    behind_ms UInt64 COMMENT 'From the order to the tenant''s now when it was found, ms',
    severity LowCardinality(String) COMMENT 'warning: above the threshold; critical: above every order of the sample too',
    score Float64 COMMENT 'In [0, 1]; 0.5 is as all others are',
    threshold Float64 COMMENT 'What the score had to be above',
    observed Decimal(18, 4) COMMENT 'Amount of the order before refunds, currency units',
    expected Nullable(Decimal(18, 4)) COMMENT 'Usual amount of its customer, else of the shop, currency units; null: not known',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s',
    reasons Array(String) COMMENT 'Why, in English, the strongest first; names no customer',
    reasons_pt Array(String) COMMENT 'Why, in Portuguese',
    contributor Array(LowCardinality(String)) COMMENT 'Features that made it unusual, the strongest first',
    contribution Array(Float64) COMMENT 'Steps that each of them saved on the way to isolation',
    model LowCardinality(String) COMMENT 'Engine of the model',
    model_version UInt32 COMMENT 'Version of the tenant''s model'
)
ENGINE = ReplacingMergeTree(detected_at)
ORDER BY (tenant, source, order_id)
SETTINGS auto_statistics_types = ''
COMMENT 'Orders that were found unusual as they came, without customers. Grain: order; read with FINAL.'
