CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.customer_days_v1_mv TO ${database}.customer_days_v1 AS
SELECT
    tenant, day, toStartOfMinute(at) AS minute, customer, currency,
    sumIf(sign * orders, is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_orders,
    sumIf(sign * amount, is_booked) AS booked_revenue,
    sumIf(sign * orders, NOT is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_orders,
    sumIf(sign * amount, NOT is_booked) AS sale_revenue
FROM (
    SELECT
        tenant, customer, sign, customer = '' AS guest,
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
WHERE customer != ''
GROUP BY tenant, day, minute, customer, currency
COMMENT 'Keeps customer_days_v1 from order_changes, by signed sums.'
