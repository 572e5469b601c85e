CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.latest_orders_v1_mv TO ${database}.latest_orders_v1 AS
SELECT
    tenant, at, source, order_id, kind, reference, country, currency, guest,
    sum(sign) AS entries,
    sum(sign * amount) AS amount
FROM (
    SELECT
        tenant, source, order_id, country, sign, toUInt8(customer = '') AS guest,
        arrayJoin(arrayZip(booked_at, booked_kind, booked_reference, booked_currency, booked_amount)) AS entry,
        entry.1 AS at, entry.2 AS kind, entry.3 AS reference, entry.4 AS currency, entry.5 AS amount
    FROM ${database}.order_changes
    WHERE sign != 0
)
GROUP BY tenant, at, source, order_id, kind, reference, country, currency, guest
COMMENT 'Keeps latest_orders_v1 from order_changes, by signed sums.'
