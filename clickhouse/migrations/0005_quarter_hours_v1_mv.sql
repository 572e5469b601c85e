CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.quarter_hours_v1_mv TO ${database}.quarter_hours_v1 AS
SELECT
    tenant, day, hour, toStartOfFifteenMinutes(at) AS quarter, source, country, currency,
    sumIf(sign * amount, is_booked) AS booked_revenue,
    sumIf(sign * amount, is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_sales,
    sumIf(sign * amount, is_booked AND kind = 'refund') AS booked_refunds,
    sumIf(sign * orders, is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_orders,
    sumIf(sign * units, is_booked AND kind != 'adjustment') AS booked_units,
    sumIf(sign * amount, NOT is_booked) AS sale_revenue,
    sumIf(sign * amount, NOT is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_sales,
    sumIf(sign * amount, NOT is_booked AND kind = 'refund') AS sale_refunds,
    sumIf(sign * orders, NOT is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_orders,
    sumIf(sign * units, NOT is_booked AND kind != 'adjustment') AS sale_units
FROM (
    SELECT
        tenant, source, country, sign, customer = '' AS guest,
        arrayJoin(arrayConcat(
            arrayMap((day, hour, at, kind, currency, amount, orders, units) -> (true, day, hour, at, kind, currency, amount, orders, units),
                booked_day, booked_hour, booked_at, booked_kind, booked_currency, booked_amount, booked_orders, booked_units),
            arrayMap((kind, currency, amount, orders, units) -> (false, sale_day, sale_hour, placed_at, kind, currency, amount, orders, units),
                booked_kind, booked_currency, booked_amount, booked_orders, booked_units))) AS entry,
        entry.1 AS is_booked, entry.2 AS day, entry.3 AS hour, entry.4 AS at, entry.5 AS kind,
        entry.6 AS currency, entry.7 AS amount, entry.8 AS orders, entry.9 AS units
    FROM ${database}.order_changes
    WHERE sign != 0
)
GROUP BY tenant, day, hour, quarter, source, country, currency
COMMENT 'Keeps quarter_hours_v1 from order_changes, by signed sums.'
