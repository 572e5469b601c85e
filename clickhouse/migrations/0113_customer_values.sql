CREATE TABLE IF NOT EXISTS ${database}.customer_values
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    customer String COMMENT 'Pseudonymous customer',
    revision UInt32 COMMENT 'Number of the tenant''s fit; the largest counts. May be written twice, alike',
    is_gone UInt8 COMMENT '1: that fit did not know the customer any more; not read with FINAL',
    cutoff Date COMMENT 'Last local day that it knows of, a complete one',
    first_day Date COMMENT 'Local sale day of the first order that counts',
    last_day Date COMMENT 'Local sale day of the last order that counts, up to the cut-off',
    repeats UInt32 COMMENT 'Days with orders after the first one, up to the cut-off',
    mean_value Decimal(18, 4) COMMENT 'Mean of those days'' sales less their refunds, currency units; 0 without such days',
    alive Decimal(9, 6) COMMENT 'Probability that the customer has not stopped for good, 0 to 1, by BG/NBD; 1 for who bought on one day only',
    churn_risk Decimal(9, 6) COMMENT '1 less that',
    orders_12m Decimal(18, 4) COMMENT 'Days with orders expected in the 12 months behind the cut-off, an estimate',
    value_12m Nullable(Decimal(18, 4)) COMMENT 'What these are expected to bring, currency units, an estimate, not discounted; null: Gamma-Gamma could not be fitted',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; orders in others are left out',
    model LowCardinality(String) COMMENT 'Method and its version',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree(revision, is_gone)
ORDER BY (tenant, customer)
SETTINGS auto_statistics_types = ''
COMMENT 'What each customer is expected to order and to bring. Grain: customer; read with FINAL.'
