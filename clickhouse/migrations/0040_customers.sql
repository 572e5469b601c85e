CREATE TABLE IF NOT EXISTS ${database}.customers
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    source LowCardinality(String) COMMENT 'Source that knows the customer',
    customer String COMMENT 'Pseudonymous customer, as orders carry it',
    version UInt64 COMMENT 'Version at the source',
    precedence UInt64 COMMENT 'The row with the largest counts: the version, and above all versions once erased',
    changed_at DateTime64(3, 'UTC') COMMENT 'When it was changed at the source, UTC',
    external_customer String COMMENT 'Personal: number of the customer at the source; empty once erased',
    name String COMMENT 'Personal: name; empty if not told or erased',
    email String COMMENT 'Personal: address; empty if not told or erased',
    phone String COMMENT 'Personal: number; empty if not told or erased',
    country LowCardinality(String) COMMENT 'Country; empty if not told or erased',
    region LowCardinality(String) COMMENT 'Region; empty if not told or erased',
    created_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Since when the source knows it, UTC; null if not told or erased',
    erased_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the person was forgotten, UTC; else null'
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (tenant, source, customer)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'Customers, the only place of personal data. Grain: customer of a source; read with FINAL.'
