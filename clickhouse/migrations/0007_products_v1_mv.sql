CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.products_v1_mv TO ${database}.products_v1 AS
SELECT
    tenant, day, currency, sku, name, category,
    sumIf(sign * amount, is_booked) AS booked_revenue,
    sumIf(sign * quantity, is_booked) AS booked_units,
    sumIf(sign * amount, NOT is_booked) AS sale_revenue,
    sumIf(sign * quantity, NOT is_booked) AS sale_units
FROM (
    SELECT
        tenant, currency, sign,
        arrayJoin(arrayConcat(
            arrayMap((sku, name, category, quantity, amount) -> (true, booked_day[1], sku, name, category, quantity, amount),
                line_sku, line_name, line_category, line_quantity, line_amount),
            arrayMap((sku, name, category, quantity, amount) -> (false, sale_day, sku, name, category, quantity, amount),
                line_sku, line_name, line_category, line_quantity, line_amount),
            arrayMap((sku, name, day, quantity, amount) -> (true, day, sku, name, toLowCardinality(''), -quantity, -amount),
                refund_line_sku, refund_line_name, refund_line_day, refund_line_quantity, refund_line_amount),
            arrayMap((sku, name, quantity, amount) -> (false, sale_day, sku, name, toLowCardinality(''), -quantity, -amount),
                refund_line_sku, refund_line_name, refund_line_quantity, refund_line_amount))) AS line,
        line.1 AS is_booked, line.2 AS day, line.3 AS sku, line.4 AS name, line.5 AS category,
        line.6 AS quantity, line.7 AS amount
    FROM ${database}.order_changes
    WHERE sign != 0 AND counts AND kind IN ('sale', 'credit')
)
GROUP BY tenant, day, currency, sku, name, category
COMMENT 'Keeps products_v1 from order_changes, by signed sums.'
