CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.quarter_hours_v1_mv TO ${database}.quarter_hours_v1 AS
SELECT
    tenant, day, hour, quarter, source, country, currency,
    sumIf(revenue_of, is_booked) AS booked_revenue,
    sumIf(sales_of, is_booked) AS booked_sales,
    sumIf(refunds_of, is_booked) AS booked_refunds,
    sumIf(orders_of, is_booked) AS booked_orders,
    sumIf(units_of, is_booked) AS booked_units,
    sumIf(revenue_of, NOT is_booked) AS sale_revenue,
    sumIf(sales_of, NOT is_booked) AS sale_sales,
    sumIf(refunds_of, NOT is_booked) AS sale_refunds,
    sumIf(orders_of, NOT is_booked) AS sale_orders,
    sumIf(units_of, NOT is_booked) AS sale_units
FROM (
    SELECT
        tenant, source, country, currency,
        -- Each axis after what is alike has been summed: most orders are alike on both.
        arrayJoin([true, false]) AS is_booked,
        if(is_booked, booked_on, sale_on) AS day,
        if(is_booked, booked_in, sale_hour) AS hour,
        if(is_booked, booked_quarter, sale_quarter) AS quarter,
        sum(revenue) AS revenue_of,
        sum(sales) AS sales_of,
        sum(refunds) AS refunds_of,
        sum(orders) AS orders_of,
        sum(units) AS units_of
    FROM (
        SELECT
            tenant, source, country, booked_currency AS currency,
            booked_day AS booked_on, sale_day AS sale_on, booked_hour AS booked_in, sale_hour,
            toStartOfFifteenMinutes(booked_at) AS booked_quarter, toStartOfFifteenMinutes(placed_at) AS sale_quarter,
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
    GROUP BY tenant, source, country, currency, booked_on, sale_on, booked_in, sale_hour, booked_quarter, sale_quarter
)
GROUP BY tenant, day, hour, quarter, source, country, currency
COMMENT 'Keeps quarter_hours_v1 from order_changes, by signed sums.'
