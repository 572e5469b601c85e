CREATE TABLE IF NOT EXISTS ${database}.customer_days_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant, on the axis of the column that is read',
    minute DateTime('UTC') COMMENT 'Start of the minute, UTC',
    customer String COMMENT 'Pseudonymous customer; guests are not here',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    booked_orders Int64 COMMENT 'Orders of the customer: sales less cancellations; booked day axis',
    booked_revenue Decimal(38, 4) COMMENT 'Revenue of the customer, currency units; booked day axis',
    sale_orders Int64 COMMENT 'Orders of the customer: sales less cancellations; sale day axis',
    sale_revenue Decimal(38, 4) COMMENT 'Revenue of the customer, currency units; sale day axis'
)
ENGINE = SummingMergeTree((booked_orders, booked_revenue, sale_orders, sale_revenue))
ORDER BY (tenant, day, minute, customer, currency)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1, merge_selector_base = 64
COMMENT 'Customers by local day and minute, on both date axes. Distinct customers of a time are those whose orders sum to more than 0 in it. Signed sums: read with sum() GROUP BY.'
