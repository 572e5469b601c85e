CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.headline_v1_mv TO ${database}.headline_v1 AS
SELECT
    tenant, day, toStartOfMinute(at) AS minute, currency,
    sumIf(sign * amount, is_booked) AS booked_revenue,
    sumIf(sign * amount, is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_sales,
    sumIf(sign * amount, is_booked AND kind = 'refund') AS booked_refunds,
    sumIf(sign, is_booked AND kind = 'refund') AS booked_refund_count,
    sumIf(sign * amount, is_booked AND kind = 'credit') AS booked_credits,
    sumIf(sign * orders, is_booked AND kind = 'credit') AS booked_credit_count,
    sumIf(sign * amount, is_booked AND kind = 'adjustment') AS booked_adjustments,
    sumIf(sign * orders, is_booked AND kind = 'adjustment') AS booked_adjustment_count,
    sumIf(sign * orders, is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_orders,
    sumIf(sign * orders, is_booked AND guest AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS booked_guest_orders,
    sumIf(sign * amount, is_booked AND guest AND kind NOT IN ('credit', 'adjustment')) AS booked_guest_revenue,
    sumIf(sign * units, is_booked AND kind != 'adjustment') AS booked_units,
    sumIf(sign * amount, NOT is_booked) AS sale_revenue,
    sumIf(sign * amount, NOT is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_sales,
    sumIf(sign * amount, NOT is_booked AND kind = 'refund') AS sale_refunds,
    sumIf(sign, NOT is_booked AND kind = 'refund') AS sale_refund_count,
    sumIf(sign * amount, NOT is_booked AND kind = 'credit') AS sale_credits,
    sumIf(sign * orders, NOT is_booked AND kind = 'credit') AS sale_credit_count,
    sumIf(sign * amount, NOT is_booked AND kind = 'adjustment') AS sale_adjustments,
    sumIf(sign * orders, NOT is_booked AND kind = 'adjustment') AS sale_adjustment_count,
    sumIf(sign * orders, NOT is_booked AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_orders,
    sumIf(sign * orders, NOT is_booked AND guest AND kind IN ('sale', 'edit', 'cancel', 'restore')) AS sale_guest_orders,
    sumIf(sign * amount, NOT is_booked AND guest AND kind NOT IN ('credit', 'adjustment')) AS sale_guest_revenue,
    sumIf(sign * units, NOT is_booked AND kind != 'adjustment') AS sale_units
FROM (
    SELECT
        tenant, sign, customer = '' AS guest,
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
GROUP BY tenant, day, minute, currency
COMMENT 'Keeps headline_v1 from order_changes, by signed sums.'
