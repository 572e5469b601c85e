ALTER TABLE ${database}.segment_moves_mv MODIFY QUERY
SELECT tenant, day, came_from, segment, customer, revision, at, revenue, mode
FROM ${database}.segment_changes
WHERE came_from != segment
