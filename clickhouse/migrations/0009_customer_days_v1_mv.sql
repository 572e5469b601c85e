CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.customer_days_v1_mv TO ${database}.customer_days_v1 AS
SELECT
    tenant,
    if(axes = 'sale', sale_day, booked_on) AS day,
    if(axes = 'sale', sale_minute, booked_minute) AS minute,
    customer, currency_of AS currency,
    orders * (axes != 'sale') AS booked_orders,
    revenue * (axes != 'sale') AS booked_revenue,
    orders * (axes != 'booked') AS sale_orders,
    revenue * (axes != 'booked') AS sale_revenue
FROM (
    SELECT
        tenant, sale_day, customer, booked_day AS booked_on, booked_currency AS currency_of,
        toStartOfMinute(booked_at) AS booked_minute, toStartOfMinute(placed_at) AS sale_minute,
        -- Most orders are alike on both axes: one row then. The table sums rows of one key when it merges them.
        arrayJoin(if(booked_day = sale_day AND booked_minute = sale_minute, ['both'], ['booked', 'sale'])) AS axes,
        sign * booked_amount AS revenue,
        sign * booked_orders * (booked_kind IN ('sale', 'edit', 'cancel', 'restore')) AS orders
    FROM ${database}.order_changes
    ARRAY JOIN booked_day, booked_at, booked_kind, booked_currency, booked_amount, booked_orders
    WHERE sign != 0 AND customer != ''
)
COMMENT 'Keeps customer_days_v1 from order_changes, by signed sums.'
