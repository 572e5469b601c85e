CREATE TABLE IF NOT EXISTS ${database}.customer_segments
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    customer String COMMENT 'Pseudonymous customer',
    revision UInt32 COMMENT 'Number of the last change of this customer; the largest counts',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC',
    mode LowCardinality(String) COMMENT 'Division of the 125 cells that names the segments',
    segment LowCardinality(String) COMMENT 'Segment; empty: none',
    recency UInt8 COMMENT 'Score of the last order''s day, 1 to 5, 5 the most recent; 0: none',
    frequency UInt8 COMMENT 'Score of the number of orders, 1 to 5; 0: none',
    monetary UInt8 COMMENT 'Score of the revenue, 1 to 5; 0: none',
    first_day Date COMMENT 'Local sale day of the first order that counts; 1970-01-01: none',
    last_day Date COMMENT 'Local sale day of the last order that counts; 1970-01-01: none',
    orders UInt32 COMMENT 'Orders that count',
    revenue Decimal(18, 4) COMMENT 'Net of refunds and cancellations, currency units',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217: the tenant''s'
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (tenant, customer)
SETTINGS auto_statistics_types = ''
COMMENT 'What each customer is now. Grain: customer; read with FINAL.'
