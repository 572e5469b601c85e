CREATE TABLE IF NOT EXISTS ${database}.headline_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant, on the axis of the column that is read',
    minute DateTime('UTC') COMMENT 'Start of the minute, UTC',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    booked_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; booked day axis',
    booked_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; booked day axis',
    booked_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; booked day axis',
    booked_refund_count Int64 COMMENT 'Number of refunds; booked day axis',
    booked_credits Decimal(38, 4) COMMENT 'Credits without a known order, negative, currency units; booked day axis',
    booked_credit_count Int64 COMMENT 'Number of credits; booked day axis',
    booked_adjustments Decimal(38, 4) COMMENT 'Adjustments: money that is no order, currency units; booked day axis',
    booked_adjustment_count Int64 COMMENT 'Number of adjustments; booked day axis',
    booked_orders Int64 COMMENT 'Orders: sales less cancellations; booked day axis',
    booked_guest_orders Int64 COMMENT 'Orders of guests, contained in orders; booked day axis',
    booked_guest_revenue Decimal(38, 4) COMMENT 'Revenue of guests orders, contained in revenue, currency units; booked day axis',
    booked_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; booked day axis',
    sale_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; sale day axis',
    sale_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; sale day axis',
    sale_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; sale day axis',
    sale_refund_count Int64 COMMENT 'Number of refunds; sale day axis',
    sale_credits Decimal(38, 4) COMMENT 'Credits without a known order, negative, currency units; sale day axis',
    sale_credit_count Int64 COMMENT 'Number of credits; sale day axis',
    sale_adjustments Decimal(38, 4) COMMENT 'Adjustments: money that is no order, currency units; sale day axis',
    sale_adjustment_count Int64 COMMENT 'Number of adjustments; sale day axis',
    sale_orders Int64 COMMENT 'Orders: sales less cancellations; sale day axis',
    sale_guest_orders Int64 COMMENT 'Orders of guests, contained in orders; sale day axis',
    sale_guest_revenue Decimal(38, 4) COMMENT 'Revenue of guests orders, contained in revenue, currency units; sale day axis',
    sale_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; sale day axis'
)
ENGINE = SummingMergeTree((booked_revenue, booked_sales, booked_refunds, booked_refund_count, booked_credits, booked_credit_count, booked_adjustments, booked_adjustment_count, booked_orders, booked_guest_orders, booked_guest_revenue, booked_units, sale_revenue, sale_sales, sale_refunds, sale_refund_count, sale_credits, sale_credit_count, sale_adjustments, sale_adjustment_count, sale_orders, sale_guest_orders, sale_guest_revenue, sale_units))
ORDER BY (tenant, day, minute, currency)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1
COMMENT 'All hero numbers of a tenant, one row per minute and currency, on both date axes. Signed sums: read with sum() GROUP BY.'
