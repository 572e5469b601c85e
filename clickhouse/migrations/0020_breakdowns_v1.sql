CREATE TABLE IF NOT EXISTS ${database}.breakdowns_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant, on the axis of the column that is read; 1970-01-01: orders of which only parts are known',
    dimension LowCardinality(String) COMMENT 'What the sums are split by: region, state, country, channel, rep or status. Each one has everything: never add two',
    value LowCardinality(String) COMMENT 'Value of the dimension in the present state of the order; empty: not told',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    booked_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; booked day axis',
    booked_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; booked day axis',
    booked_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; booked day axis',
    booked_orders Int64 COMMENT 'Orders: sales less cancellations; booked day axis',
    booked_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; booked day axis',
    booked_commission_base Decimal(38, 4) COMMENT 'Commission base: revenue less shipping and tax as told, each with its order and back with its cancellation; of orders whose net is 0 nothing is taken off; currency units; booked day axis',
    sale_revenue Decimal(38, 4) COMMENT 'Revenue: sales - refunds + credits + adjustments, currency units; sale day axis',
    sale_sales Decimal(38, 4) COMMENT 'Sales after edits and cancellations, before refunds, currency units; sale day axis',
    sale_refunds Decimal(38, 4) COMMENT 'Refunds, negative, currency units; sale day axis',
    sale_orders Int64 COMMENT 'Orders: sales less cancellations; sale day axis',
    sale_units Decimal(38, 4) COMMENT 'Units sold less units come back, without adjustments; sale day axis',
    sale_commission_base Decimal(38, 4) COMMENT 'Commission base: revenue less shipping and tax as told, each with its order and back with its cancellation; of orders whose net is 0 nothing is taken off; currency units; sale day axis',
    sale_placed Int64 COMMENT 'Orders, credits and adjustments placed, whether they count or not; sale day axis, by the present currency'
)
ENGINE = SummingMergeTree((booked_revenue, booked_sales, booked_refunds, booked_orders, booked_units, booked_commission_base, sale_revenue, sale_sales, sale_refunds, sale_orders, sale_units, sale_commission_base, sale_placed))
ORDER BY (tenant, day, dimension, value, currency)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1
COMMENT 'Revenue, orders, units and commission base by local day and one dimension at a time, on both date axes; the split follows the present state of each order. The sum over the values of a dimension is the headline. Signed sums: read with sum() GROUP BY.'
