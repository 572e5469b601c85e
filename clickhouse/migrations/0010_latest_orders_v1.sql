CREATE TABLE IF NOT EXISTS ${database}.latest_orders_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    at DateTime64(3, 'UTC') COMMENT 'Instant of the booked entry, UTC',
    source LowCardinality(String) COMMENT 'Source',
    order_id String COMMENT 'Order id at its source',
    kind LowCardinality(String) COMMENT 'sale, edit, cancel, restore, refund, credit or adjustment',
    reference String COMMENT 'Id of the refund, else empty',
    country LowCardinality(String) COMMENT 'Country; empty: not told',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    guest UInt8 COMMENT '1 if the order has no customer',
    entries Int64 COMMENT 'Number of entries',
    amount Decimal(38, 4) COMMENT 'Amount, currency units'
)
ENGINE = SummingMergeTree((entries, amount))
ORDER BY (tenant, at, source, order_id, kind, reference, country, currency, guest)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1, merge_selector_base = 64
COMMENT 'Booked entries by instant, for lists of the latest ones: an entry exists where entries sums to more than 0. Signed sums: read with sum() GROUP BY.'
