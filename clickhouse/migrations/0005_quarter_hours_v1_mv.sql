CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.quarter_hours_v1_mv TO ${database}.quarter_hours_v1 AS
SELECT
    tenant, day, hour, quarter, source, country, currency,
    sumIf(revenue, is_booked) AS booked_revenue,
    sumIf(sales, is_booked) AS booked_sales,
    sumIf(refunds, is_booked) AS booked_refunds,
    sumIf(orders, is_booked) AS booked_orders,
    sumIf(units, is_booked) AS booked_units,
    sumIf(revenue, is_sale_day) AS sale_revenue,
    sumIf(sales, is_sale_day) AS sale_sales,
    sumIf(refunds, is_sale_day) AS sale_refunds,
    sumIf(orders, is_sale_day) AS sale_orders,
    sumIf(units, is_sale_day) AS sale_units
FROM (
    SELECT
        tenant, source, country, booked_currency AS currency,
        arrayJoin([true, false]) AS is_booked, NOT is_booked AS is_sale_day,
        if(is_booked, booked_day, sale_day) AS day,
        if(is_booked, booked_hour, sale_hour) AS hour,
        toStartOfFifteenMinutes(if(is_booked, booked_at, placed_at)) AS quarter,
        booked_kind IN ('sale', 'edit', 'cancel', 'restore') AS of_sale,
        sign * booked_amount AS revenue,
        revenue * of_sale AS sales,
        revenue * (booked_kind = 'refund') AS refunds,
        sign * booked_orders * of_sale AS orders,
        sign * booked_units * (booked_kind != 'adjustment') AS units
    FROM ${database}.order_changes
    ARRAY JOIN booked_day, booked_hour, booked_at, booked_kind, booked_currency, booked_amount, booked_orders, booked_units
    WHERE sign != 0
)
GROUP BY tenant, day, hour, quarter, source, country, currency
COMMENT 'Keeps quarter_hours_v1 from order_changes, by signed sums.'
