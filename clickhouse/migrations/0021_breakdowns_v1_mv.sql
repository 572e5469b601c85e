CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.breakdowns_v1_mv TO ${database}.breakdowns_v1 AS
SELECT
    tenant, day, dimension, value, currency,
    sumIf(revenue_of, is_booked) AS booked_revenue,
    sumIf(sales_of, is_booked) AS booked_sales,
    sumIf(refunds_of, is_booked) AS booked_refunds,
    sumIf(orders_of, is_booked) AS booked_orders,
    sumIf(units_of, is_booked) AS booked_units,
    sumIf(commission_base_of, is_booked) AS booked_commission_base,
    sumIf(revenue_of, NOT is_booked) AS sale_revenue,
    sumIf(sales_of, NOT is_booked) AS sale_sales,
    sumIf(refunds_of, NOT is_booked) AS sale_refunds,
    sumIf(orders_of, NOT is_booked) AS sale_orders,
    sumIf(units_of, NOT is_booked) AS sale_units,
    sumIf(commission_base_of, NOT is_booked) AS sale_commission_base,
    sumIf(placed_of, NOT is_booked) AS sale_placed
FROM (
    SELECT
        tenant, currency_of AS currency,
        -- Axes and dimensions after what is alike has been summed: twelve rows for each order would cost twelve times as much.
        arrayJoin([true, false]) AS is_booked,
        arrayJoin([('region', region), ('state', state), ('country', country), ('channel', channel), ('rep', sales_rep), ('status', status)]) AS split,
        split.1 AS dimension, split.2 AS value,
        if(is_booked, booked_on, sale_day) AS day,
        sum(revenue) AS revenue_of,
        sum(sales) AS sales_of,
        sum(refunds) AS refunds_of,
        sum(orders) AS orders_of,
        sum(units) AS units_of,
        sum(commission_base) AS commission_base_of,
        sum(placed) AS placed_of
    FROM (
        SELECT
            tenant, sale_day,
            region, state, country, channel, sales_rep, status,
            booked_on, currency_of,
            kind_of IN ('sale', 'edit', 'cancel', 'restore') AS of_sale,
            sign * entry_amount AS revenue,
            sign * entry_orders AS documents,
            revenue * of_sale AS sales,
            revenue * (kind_of = 'refund') AS refunds,
            documents * of_sale AS orders,
            sign * entry_units * (kind_of != 'adjustment') AS units,
            revenue - documents * if(net = 0, 0, ifNull(shipping, 0) + ifNull(tax, 0)) AS commission_base,
            sign * (kind_of = '') AS placed
        FROM ${database}.order_changes
        ARRAY JOIN
            -- The order itself comes first, as an entry of nothing of kind '': it is there though it may have no other.
            arrayPushFront(booked_day, sale_day) AS booked_on,
            arrayPushFront(booked_currency, currency) AS currency_of,
            arrayPushFront(booked_kind, '') AS kind_of,
            arrayPushFront(booked_amount, 0) AS entry_amount,
            arrayPushFront(booked_orders, 0) AS entry_orders,
            arrayPushFront(booked_units, 0) AS entry_units
        WHERE sign != 0
    )
    GROUP BY tenant, booked_on, sale_day, currency_of, region, state, country, channel, sales_rep, status
)
GROUP BY tenant, day, dimension, value, currency
COMMENT 'Keeps breakdowns_v1 from order_changes, by signed sums.'
