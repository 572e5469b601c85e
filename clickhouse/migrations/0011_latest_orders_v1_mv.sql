CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.latest_orders_v1_mv TO ${database}.latest_orders_v1 AS
SELECT
    -- Not grouped: the table sums rows of one key when it merges them.
    tenant, booked_at AS at, source, order_id, booked_kind AS kind, booked_reference AS reference, country,
    booked_currency AS currency, customer = '' AS guest,
    sign AS entries,
    sign * booked_amount AS amount
FROM ${database}.order_changes
ARRAY JOIN booked_at, booked_kind, booked_reference, booked_currency, booked_amount
WHERE sign != 0
COMMENT 'Keeps latest_orders_v1 from order_changes, by signed sums.'
