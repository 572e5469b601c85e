CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.products_v1_mv TO ${database}.products_v1 AS
SELECT
    tenant, day, currency, sku, name, category,
    sumIf(revenue_of, is_booked) AS booked_revenue,
    sumIf(units_of, is_booked) AS booked_units,
    sumIf(cost_of, is_booked) AS booked_cost,
    sumIf(costed_revenue_of, is_booked) AS booked_costed_revenue,
    sumIf(revenue_of, NOT is_booked) AS sale_revenue,
    sumIf(units_of, NOT is_booked) AS sale_units,
    sumIf(cost_of, NOT is_booked) AS sale_cost,
    sumIf(costed_revenue_of, NOT is_booked) AS sale_costed_revenue
FROM (
    SELECT
        tenant, currency, sku, name, category,
        -- Each axis after what is alike has been summed: most orders are alike on both.
        arrayJoin([true, false]) AS is_booked,
        if(is_booked, line_day, sale_day) AS day,
        sum(revenue) AS revenue_of,
        sum(units) AS units_of,
        sum(cost) AS cost_of,
        sum(costed_revenue) AS costed_revenue_of
    FROM (
        SELECT
            tenant, currency, sku, name, category, line_day, sale_day,
            sign * factor AS signed,
            signed * amount AS revenue,
            signed * quantity AS units,
            unit_cost IS NOT NULL AS is_costed,
            revenue * is_costed AS costed_revenue,
            signed * roundBankers(toDecimal128(quantity, 4) * ifNull(unit_cost, 0), 4) AS cost
        FROM ${database}.order_changes
        ARRAY JOIN
            arrayConcat(line_sku, refund_line_sku) AS sku,
            arrayConcat(line_name, refund_line_name) AS name,
            arrayResize(line_category, length(line_sku) + length(refund_line_sku)) AS category,
            arrayConcat(arrayWithConstant(length(line_sku), booked_day[1]), refund_line_day) AS line_day,
            arrayConcat(arrayWithConstant(length(line_sku), 1), arrayWithConstant(length(refund_line_sku), -1)) AS factor,
            arrayConcat(line_quantity, refund_line_quantity) AS quantity,
            arrayConcat(line_amount, refund_line_amount) AS amount,
            arrayConcat(line_unit_cost, arrayMap(returned -> line_unit_cost[indexOf(line_sku, returned)], refund_line_sku)) AS unit_cost
        WHERE sign != 0 AND counts AND kind IN ('sale', 'credit')
    )
    GROUP BY tenant, currency, sku, name, category, line_day, sale_day
)
GROUP BY tenant, day, currency, sku, name, category
COMMENT 'Keeps products_v1 from order_changes, by signed sums.'
