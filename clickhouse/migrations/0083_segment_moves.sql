CREATE TABLE IF NOT EXISTS ${database}.segment_moves
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant when it was computed',
    came_from LowCardinality(String) COMMENT 'Segment before; empty: none',
    segment LowCardinality(String) COMMENT 'Segment after; empty: none',
    customer String COMMENT 'Pseudonymous customer',
    revision UInt32 COMMENT 'Number of the change of this customer',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was computed, UTC',
    revenue Decimal(18, 4) COMMENT 'Revenue of the customer then, currency units'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, day, came_from, segment, customer, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'Moves from one segment to another. Grain: customer and revision; read with FINAL.'
