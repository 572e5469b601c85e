CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.customer_days_v1_mv TO ${database}.customer_days_v1 AS
SELECT
    tenant, day, minute, customer, currency,
    sumIf(orders, is_booked) AS booked_orders,
    sumIf(revenue, is_booked) AS booked_revenue,
    sumIf(orders, is_sale_day) AS sale_orders,
    sumIf(revenue, is_sale_day) AS sale_revenue
FROM (
    SELECT
        tenant, customer, booked_currency AS currency,
        arrayJoin([true, false]) AS is_booked, NOT is_booked AS is_sale_day,
        if(is_booked, booked_day, sale_day) AS day,
        toStartOfMinute(if(is_booked, booked_at, placed_at)) AS minute,
        sign * booked_amount AS revenue,
        sign * booked_orders * (booked_kind IN ('sale', 'edit', 'cancel', 'restore')) AS orders
    FROM ${database}.order_changes
    ARRAY JOIN booked_day, booked_at, booked_kind, booked_currency, booked_amount, booked_orders
    WHERE sign != 0 AND customer != ''
)
GROUP BY tenant, day, minute, customer, currency
COMMENT 'Keeps customer_days_v1 from order_changes, by signed sums.'
