CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.segment_moves_mv TO ${database}.segment_moves AS
SELECT tenant, day, came_from, segment, customer, revision, at, revenue
FROM ${database}.segment_changes
WHERE came_from != segment
COMMENT 'Keeps segment_moves from segment_changes; a row may come twice.'
