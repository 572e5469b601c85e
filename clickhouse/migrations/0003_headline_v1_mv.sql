CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.headline_v1_mv TO ${database}.headline_v1 AS
SELECT
    tenant, day, minute, currency,
    sumIf(revenue_of, is_booked) AS booked_revenue,
    sumIf(sales_of, is_booked) AS booked_sales,
    sumIf(refunds_of, is_booked) AS booked_refunds,
    sumIf(refund_count_of, is_booked) AS booked_refund_count,
    sumIf(credits_of, is_booked) AS booked_credits,
    sumIf(credit_count_of, is_booked) AS booked_credit_count,
    sumIf(adjustments_of, is_booked) AS booked_adjustments,
    sumIf(adjustment_count_of, is_booked) AS booked_adjustment_count,
    sumIf(orders_of, is_booked) AS booked_orders,
    sumIf(guest_orders_of, is_booked) AS booked_guest_orders,
    sumIf(guest_revenue_of, is_booked) AS booked_guest_revenue,
    sumIf(units_of, is_booked) AS booked_units,
    sumIf(revenue_of, NOT is_booked) AS sale_revenue,
    sumIf(sales_of, NOT is_booked) AS sale_sales,
    sumIf(refunds_of, NOT is_booked) AS sale_refunds,
    sumIf(refund_count_of, NOT is_booked) AS sale_refund_count,
    sumIf(credits_of, NOT is_booked) AS sale_credits,
    sumIf(credit_count_of, NOT is_booked) AS sale_credit_count,
    sumIf(adjustments_of, NOT is_booked) AS sale_adjustments,
    sumIf(adjustment_count_of, NOT is_booked) AS sale_adjustment_count,
    sumIf(orders_of, NOT is_booked) AS sale_orders,
    sumIf(guest_orders_of, NOT is_booked) AS sale_guest_orders,
    sumIf(guest_revenue_of, NOT is_booked) AS sale_guest_revenue,
    sumIf(units_of, NOT is_booked) AS sale_units
FROM (
    SELECT
        tenant, currency,
        -- Each axis after what is alike has been summed: most orders are alike on both.
        arrayJoin([true, false]) AS is_booked,
        if(is_booked, booked_on, sale_on) AS day,
        if(is_booked, booked_minute, sale_minute) AS minute,
        sum(revenue) AS revenue_of,
        sum(sales) AS sales_of,
        sum(refunds) AS refunds_of,
        sum(refund_count) AS refund_count_of,
        sum(credits) AS credits_of,
        sum(credit_count) AS credit_count_of,
        sum(adjustments) AS adjustments_of,
        sum(adjustment_count) AS adjustment_count_of,
        sum(orders) AS orders_of,
        sum(guest_orders) AS guest_orders_of,
        sum(guest_revenue) AS guest_revenue_of,
        sum(units) AS units_of
    FROM (
        SELECT
            tenant, booked_currency AS currency, booked_day AS booked_on, sale_day AS sale_on,
            toStartOfMinute(booked_at) AS booked_minute, toStartOfMinute(placed_at) AS sale_minute,
            booked_kind IN ('sale', 'edit', 'cancel', 'restore') AS of_sale,
            booked_kind = 'refund' AS of_refund,
            booked_kind = 'credit' AS of_credit,
            booked_kind = 'adjustment' AS of_adjustment,
            customer = '' AS of_guest,
            sign * booked_amount AS revenue,
            sign * booked_orders AS documents,
            revenue * of_sale AS sales,
            revenue * of_refund AS refunds,
            sign * of_refund AS refund_count,
            revenue * of_credit AS credits,
            documents * of_credit AS credit_count,
            revenue * of_adjustment AS adjustments,
            documents * of_adjustment AS adjustment_count,
            documents * of_sale AS orders,
            orders * of_guest AS guest_orders,
            (sales + refunds) * of_guest AS guest_revenue,
            sign * booked_units * (NOT of_adjustment) AS units
        FROM ${database}.order_changes
        ARRAY JOIN booked_day, booked_at, booked_kind, booked_currency, booked_amount, booked_orders, booked_units
        WHERE sign != 0
    )
    GROUP BY tenant, currency, booked_on, sale_on, booked_minute, sale_minute
)
GROUP BY tenant, day, minute, currency
COMMENT 'Keeps headline_v1 from order_changes, by signed sums.'
