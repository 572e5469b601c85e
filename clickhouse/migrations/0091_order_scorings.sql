CREATE TABLE IF NOT EXISTS ${database}.order_scorings
(
    tenant LowCardinality(String) COMMENT 'Tenant; empty in rows that say how far a partition is done',
    day Date COMMENT 'Local day of the tenant when they were looked at',
    partition UInt16 COMMENT 'Partition of the orders, in rows without tenant',
    step UInt64 COMMENT 'Number of the look; the largest counts',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock of the look, UTC',
    scored UInt64 COMMENT 'Orders of that day that were judged',
    told UInt64 COMMENT 'Of them: told as unusual',
    withheld UInt64 COMMENT 'Of them: above the threshold, but over the day''s budget',
    learned UInt64 COMMENT 'Orders that the model learned from and did not judge: older than a day, or before there was a model',
    skipped UInt64 COMMENT 'Orders that were not looked at, as there were too many at once',
    budget UInt32 COMMENT 'Unusual orders that are told a day at most',
    seen UInt64 COMMENT 'Orders in memory for the model, those it was begun from included',
    needed UInt32 COMMENT 'Orders that the first model needs',
    model_version UInt32 COMMENT 'Version of the model that judges; 0: none yet',
    mark_last Int64 COMMENT 'Offset up to which the partition is done, in rows without tenant',
    mark_position String COMMENT 'Key of the mark of that offset, in rows without tenant'
)
ENGINE = ReplacingMergeTree(step)
ORDER BY (tenant, day, partition)
SETTINGS auto_statistics_types = ''
COMMENT 'How many orders were judged on each day, and how far the log is done. Grain: tenant and day, or partition; read with FINAL.'
