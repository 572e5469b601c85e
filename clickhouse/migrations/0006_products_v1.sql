CREATE TABLE IF NOT EXISTS ${database}.products_v1
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day of the tenant, on the axis of the column that is read',
    currency LowCardinality(String) COMMENT 'Currency, ISO 4217; never add two',
    sku String COMMENT 'Article number',
    name String COMMENT 'Article name as the line tells it',
    category LowCardinality(String) COMMENT 'Category; empty: not told',
    booked_revenue Decimal(38, 4) COMMENT 'Line amounts less refunded line amounts, currency units; booked day axis',
    booked_units Decimal(38, 4) COMMENT 'Units sold less units come back; booked day axis',
    booked_cost Decimal(38, 4) COMMENT 'Cost of the lines whose cost is known: quantity x unit cost, half-even at 4 decimals, less that of what came back, currency units; booked day axis',
    booked_costed_revenue Decimal(38, 4) COMMENT 'Contained in revenue: the lines whose cost is known; profit is this less cost, currency units; booked day axis',
    sale_revenue Decimal(38, 4) COMMENT 'Line amounts less refunded line amounts, currency units; sale day axis',
    sale_units Decimal(38, 4) COMMENT 'Units sold less units come back; sale day axis',
    sale_cost Decimal(38, 4) COMMENT 'Cost of the lines whose cost is known: quantity x unit cost, half-even at 4 decimals, less that of what came back, currency units; sale day axis',
    sale_costed_revenue Decimal(38, 4) COMMENT 'Contained in revenue: the lines whose cost is known; profit is this less cost, currency units; sale day axis'
)
ENGINE = SummingMergeTree((booked_revenue, booked_units, booked_cost, booked_costed_revenue, sale_revenue, sale_units, sale_cost, sale_costed_revenue))
ORDER BY (tenant, day, currency, sku, name, category)
SETTINGS auto_statistics_types = '', ratio_of_defaults_for_sparse_serialization = 1
COMMENT 'Lines of the orders and credits that count, by local day and article, on both date axes: lines on the day of the sale, refunded lines on the day of the refund (booked) or of the sale. Follows the present state of each order. What comes back has the unit cost of the first line of its article in the order. Signed sums: read with sum() GROUP BY.'
