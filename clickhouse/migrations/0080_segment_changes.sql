CREATE TABLE IF NOT EXISTS ${database}.segment_changes
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    customer String COMMENT 'Pseudonymous customer',
    revision UInt32 COMMENT 'Number of the change of this customer, from 1; a revision may be written twice, alike',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC',
    day Date COMMENT 'Local day of the tenant when it was computed',
    mode LowCardinality(String) COMMENT 'Division of the 125 cells that names the segments',
    came_from LowCardinality(String) COMMENT 'Segment before; empty: none',
    segment LowCardinality(String) COMMENT 'Segment now; empty: none, for no order of the customer counts any more, or fewer than five customers have any',
    recency UInt8 COMMENT 'Score of the last order''s day, 1 to 5, 5 the most recent; 0: none',
    frequency UInt8 COMMENT 'Score of the number of orders, 1 to 5; 0: none',
    monetary UInt8 COMMENT 'Score of the revenue, 1 to 5; 0: none',
    first_day Date COMMENT 'Local sale day of the first order that counts; 1970-01-01: none',
    last_day Date COMMENT 'Local sale day of the last order that counts; 1970-01-01: none',
    orders UInt32 COMMENT 'Orders that count',
    revenue Decimal(18, 4) COMMENT 'Net of refunds and cancellations, currency units',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s; orders in others are left out'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (tenant, customer, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'Each change of a customer''s scores or figures. Grain: customer and revision; read with FINAL.'
