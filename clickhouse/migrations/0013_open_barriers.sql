CREATE VIEW IF NOT EXISTS ${database}.open_barriers
(
    id String COMMENT 'Barrier',
    owner String COMMENT 'Who opened it and why',
    expires_at DateTime64(3, 'UTC') COMMENT 'When it ends by itself, UTC'
)
AS SELECT id, any(owner) AS owner, max(expires_at) AS expires_at
FROM ${database}.barriers
GROUP BY id
HAVING sum(state) > 0 AND expires_at > now64(3)
COMMENT 'Barriers that are open now'
