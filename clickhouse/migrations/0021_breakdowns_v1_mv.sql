CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.breakdowns_v1_mv TO ${database}.breakdowns_v1 AS
SELECT
    tenant, day, dimension, value, currency,
    sum(booked_revenue_of) AS booked_revenue,
    sum(booked_sales_of) AS booked_sales,
    sum(booked_refunds_of) AS booked_refunds,
    sum(booked_orders_of) AS booked_orders,
    sum(booked_units_of) AS booked_units,
    sum(booked_commission_base_of) AS booked_commission_base,
    sum(sale_revenue_of) AS sale_revenue,
    sum(sale_sales_of) AS sale_sales,
    sum(sale_refunds_of) AS sale_refunds,
    sum(sale_orders_of) AS sale_orders,
    sum(sale_units_of) AS sale_units,
    sum(sale_commission_base_of) AS sale_commission_base,
    sum(sale_placed_of) AS sale_placed
FROM (
    SELECT
        tenant, day, currency_of AS currency,
        -- Split when what is alike has been summed: six rows for each order would cost six times as much.
        arrayJoin([('region', region), ('state', state), ('country', country), ('channel', channel), ('rep', sales_rep), ('status', status)]) AS split,
        split.1 AS dimension, split.2 AS value,
        sumIf(revenue, is_booked) AS booked_revenue_of,
        sumIf(sales, is_booked) AS booked_sales_of,
        sumIf(refunds, is_booked) AS booked_refunds_of,
        sumIf(orders, is_booked) AS booked_orders_of,
        sumIf(units, is_booked) AS booked_units_of,
        sumIf(commission_base, is_booked) AS booked_commission_base_of,
        sumIf(revenue, is_sale_day) AS sale_revenue_of,
        sumIf(sales, is_sale_day) AS sale_sales_of,
        sumIf(refunds, is_sale_day) AS sale_refunds_of,
        sumIf(orders, is_sale_day) AS sale_orders_of,
        sumIf(units, is_sale_day) AS sale_units_of,
        sumIf(commission_base, is_sale_day) AS sale_commission_base_of,
        sum(placed) AS sale_placed_of
    FROM (
        SELECT
            tenant,
            region, state, country, channel, sales_rep, status,
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
    GROUP BY tenant, day, currency_of, region, state, country, channel, sales_rep, status
)
GROUP BY tenant, day, dimension, value, currency
COMMENT 'Keeps breakdowns_v1 from order_changes, by signed sums.'
