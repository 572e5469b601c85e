CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.headline_v1_mv TO ${database}.headline_v1 AS
SELECT
    tenant, day, minute, currency,
    sumIf(revenue, is_booked) AS booked_revenue,
    sumIf(sales, is_booked) AS booked_sales,
    sumIf(refunds, is_booked) AS booked_refunds,
    sumIf(refund_count, is_booked) AS booked_refund_count,
    sumIf(credits, is_booked) AS booked_credits,
    sumIf(credit_count, is_booked) AS booked_credit_count,
    sumIf(adjustments, is_booked) AS booked_adjustments,
    sumIf(adjustment_count, is_booked) AS booked_adjustment_count,
    sumIf(orders, is_booked) AS booked_orders,
    sumIf(guest_orders, is_booked) AS booked_guest_orders,
    sumIf(guest_revenue, is_booked) AS booked_guest_revenue,
    sumIf(units, is_booked) AS booked_units,
    sumIf(revenue, is_sale_day) AS sale_revenue,
    sumIf(sales, is_sale_day) AS sale_sales,
    sumIf(refunds, is_sale_day) AS sale_refunds,
    sumIf(refund_count, is_sale_day) AS sale_refund_count,
    sumIf(credits, is_sale_day) AS sale_credits,
    sumIf(credit_count, is_sale_day) AS sale_credit_count,
    sumIf(adjustments, is_sale_day) AS sale_adjustments,
    sumIf(adjustment_count, is_sale_day) AS sale_adjustment_count,
    sumIf(orders, is_sale_day) AS sale_orders,
    sumIf(guest_orders, is_sale_day) AS sale_guest_orders,
    sumIf(guest_revenue, is_sale_day) AS sale_guest_revenue,
    sumIf(units, is_sale_day) AS sale_units
FROM (
    SELECT
        tenant, booked_currency AS currency,
        arrayJoin([true, false]) AS is_booked, NOT is_booked AS is_sale_day,
        if(is_booked, booked_day, sale_day) AS day,
        toStartOfMinute(if(is_booked, booked_at, placed_at)) AS minute,
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
GROUP BY tenant, day, minute, currency
COMMENT 'Keeps headline_v1 from order_changes, by signed sums.'
