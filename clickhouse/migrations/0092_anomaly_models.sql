CREATE TABLE IF NOT EXISTS ${database}.anomaly_models
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    version UInt32 COMMENT 'Version of the model, from 1; the largest counts',
    engine LowCardinality(String) COMMENT 'own or isolation-forest',
    fitted_at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was fitted, UTC',
    seen UInt64 COMMENT 'Orders that had come by when its sample was taken',
    scores Array(Float64) COMMENT 'Scores of the sample: what the threshold is a quantile of',
    forest String COMMENT 'Our forest, base64 (forest-codec.ts): it scores, or explains what the other engine scored',
    sample String COMMENT 'Rows that the other engine is fitted from again, base64 of little-endian doubles; empty for our own'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY tenant
SETTINGS auto_statistics_types = ''
COMMENT 'The newest model of unusual orders. Grain: tenant; read with FINAL.'
