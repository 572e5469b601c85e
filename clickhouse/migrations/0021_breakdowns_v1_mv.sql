CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.breakdowns_v1_mv TO ${database}.breakdowns_v1 AS
SELECT
    tenant, day, dimension, value, currency_of AS currency,
    sumIf(revenue, is_booked) AS booked_revenue,
    sumIf(sales, is_booked) AS booked_sales,
    sumIf(refunds, is_booked) AS booked_refunds,
    sumIf(orders, is_booked) AS booked_orders,
    sumIf(units, is_booked) AS booked_units,
    sumIf(commission_base, is_booked) AS booked_commission_base,
    sumIf(revenue, is_sale_day) AS sale_revenue,
    sumIf(sales, is_sale_day) AS sale_sales,
    sumIf(refunds, is_sale_day) AS sale_refunds,
    sumIf(orders, is_sale_day) AS sale_orders,
    sumIf(units, is_sale_day) AS sale_units,
    sumIf(commission_base, is_sale_day) AS sale_commission_base,
    sum(placed) AS sale_placed
FROM (
    SELECT
        tenant,
        arrayJoin([('region', region), ('state', state), ('country', country), ('channel', channel), ('rep', sales_rep), ('status', status)]) AS split,
        split.1 AS dimension, split.2 AS value,
        -- 0 is the order itself, which is there though it may have no entry; the elements at 0 are zeros.
        arrayJoin(range(length(booked_day) + 1)) AS i,
        arrayJoin(if(i = 0, [false], [true, false])) AS is_booked, NOT is_booked AS is_sale_day,
        if(is_booked, booked_day[i], sale_day) AS day,
        if(i = 0, currency, booked_currency[i]) AS currency_of,
        booked_kind[i] AS kind_of,
        kind_of IN ('sale', 'edit', 'cancel', 'restore') AS of_sale,
        sign * booked_amount[i] AS revenue,
        sign * booked_orders[i] AS documents,
        revenue * of_sale AS sales,
        revenue * (kind_of = 'refund') AS refunds,
        documents * of_sale AS orders,
        sign * booked_units[i] * (kind_of != 'adjustment') AS units,
        revenue - documents * if(net = 0, 0, ifNull(shipping, 0) + ifNull(tax, 0)) AS commission_base,
        sign * (i = 0) AS placed
    FROM ${database}.order_changes
    WHERE sign != 0
)
GROUP BY tenant, day, dimension, value, currency
COMMENT 'Keeps breakdowns_v1 from order_changes, by signed sums.'
