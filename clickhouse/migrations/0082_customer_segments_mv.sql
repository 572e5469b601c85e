CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.customer_segments_mv TO ${database}.customer_segments AS
SELECT
    tenant, customer, revision, at, mode, segment, recency, frequency, monetary, first_day, last_day, orders, revenue,
    currency
FROM ${database}.segment_changes
COMMENT 'Keeps customer_segments from segment_changes: the largest revision counts, so that a row may come twice.'
