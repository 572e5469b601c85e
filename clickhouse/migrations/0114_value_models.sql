CREATE TABLE IF NOT EXISTS ${database}.value_models
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    cutoff Date COMMENT 'Last local day that it knows of, a complete one',
    revision UInt32 COMMENT 'Number of the tenant''s fit; the largest counts. May be written twice, alike',
    customers UInt64 COMMENT 'Customers with orders that count, up to the cut-off',
    orders UInt64 COMMENT 'Their orders that count',
    refusal LowCardinality(String) COMMENT 'Why BG/NBD could not be fitted, and nothing is told of customers; empty: it was',
    refusal_text String COMMENT 'The same as a sentence',
    r Nullable(Float64) COMMENT 'BG/NBD: shape of the rates of buying; null: not fitted',
    alpha Nullable(Float64) COMMENT 'BG/NBD: scale of these rates, in weeks; null: not fitted',
    a Nullable(Float64) COMMENT 'BG/NBD: first parameter of the probabilities of stopping; null: not fitted',
    b Nullable(Float64) COMMENT 'BG/NBD: second parameter of these; null: not fitted',
    log_likelihood Nullable(Float64) COMMENT 'BG/NBD: natural logarithm of the likelihood of the customers that were fitted; null: not fitted',
    fitted_customers UInt64 COMMENT 'BG/NBD: customers that were fitted; beyond half a million they are thinned evenly',
    value_refusal LowCardinality(String) COMMENT 'Why Gamma-Gamma could not be fitted, and no value is told; empty: it was',
    value_refusal_text String COMMENT 'The same as a sentence',
    p Nullable(Float64) COMMENT 'Gamma-Gamma: shape of the values of one customer''s purchases; null: not fitted',
    q Nullable(Float64) COMMENT 'Gamma-Gamma: shape of how customers differ; null: not fitted',
    v Nullable(Float64) COMMENT 'Gamma-Gamma: scale of how customers differ, currency units; null: not fitted',
    value_log_likelihood Nullable(Float64) COMMENT 'Gamma-Gamma: natural logarithm of the likelihood of the customers that were fitted; null: not fitted',
    value_customers UInt64 COMMENT 'Gamma-Gamma: customers with repeat purchases that were fitted',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; orders in others are left out',
    model LowCardinality(String) COMMENT 'Method and its version',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYear(cutoff)
ORDER BY (tenant, cutoff, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'How each fit of customers'' values came out. Grain: cut-off and revision; read with FINAL.'
