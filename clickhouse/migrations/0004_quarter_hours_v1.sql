CREATE TABLE IF NOT EXISTS ${database}.quarter_hours_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant, on the axis of the column that is read',
    hour UInt8 COMMENT 'Local hour of the tenant, 0 to 23',
    quarter DateTime('UTC') COMMENT 'Start of the quarter hour, UTC',
    source LowCardinality(String) COMMENT 'Source',
    country LowCardinality(String) COMMENT 'Country; empty: not told',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    booked_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; booked day axis',
    booked_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; booked day axis',
    booked_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; booked day axis',
    booked_orders Int64 COMMENT 'Orders: sales less cancellations; booked day axis',
    booked_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; booked day axis',
    sale_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; sale day axis',
    sale_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; sale day axis',
    sale_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; sale day axis',
    sale_orders Int64 COMMENT 'Orders: sales less cancellations; sale day axis',
    sale_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; sale day axis'
)
ENGINE = SummingMergeTree((booked_revenue, booked_sales, booked_refunds, booked_orders, booked_units, sale_revenue, sale_sales, sale_refunds, sale_orders, sale_units))
ORDER BY (tenant, day, quarter, source, country, currency, hour)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1
COMMENT 'Revenue, orders and units by quarter hour, source, country and currency, on both date axes; the split follows the present state of each order. Signed sums: read with sum() GROUP BY.'
