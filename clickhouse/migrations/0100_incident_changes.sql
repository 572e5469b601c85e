CREATE TABLE IF NOT EXISTS ${database}.incident_changes
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    alert_id String COMMENT 'Id of the incident: the same in everything that is told of it; of an unusual order its event_id',
    revision UInt32 COMMENT 'Number of the change of this incident, from 1; the largest is how it stands',
    at DateTime64(3, 'UTC') COMMENT 'Wall clock when it was stored, UTC',
    notice LowCardinality(String) COMMENT 'What was told: opened, updated, acknowledged, silenced, resumed, resolved; empty: nothing, it only went on',
    kind LowCardinality(String) COMMENT 'metric: a series left its band; data.stale: a source does not answer; order: an unusual order that somebody took up',
    dedup_key String COMMENT 'Its key for receivers, from trigger to resolve: its group and the instant at which it began',
    alert_group String COMMENT 'What it is joined by: of one group one incident is open at a time',
    state LowCardinality(String) COMMENT 'open, acknowledged or resolved',
    severity LowCardinality(String) COMMENT 'info, warning or critical: the worst since it began',
    subject String COMMENT 'The metric (revenue, orders, ticket, refunds), the source, or the id of the order',
    direction LowCardinality(String) COMMENT 'fall or rise; empty where there is none',
    cause LowCardinality(String) COMMENT 'level: buckets outside of the band; drift: small differences that have added up; empty where there is none',
    last_severity LowCardinality(String) COMMENT 'Severity at the last bucket',
    currency LowCardinality(String) COMMENT 'Currency of what is money, ISO 4217: the tenant''s',
    observed Nullable(Decimal(18, 4)) COMMENT 'In the last bucket, currency units or a count; null: nothing is measured',
    expected Nullable(Decimal(18, 4)) COMMENT 'At that time of the week, currency units or a count; null: nothing is known to expect',
    low Nullable(Decimal(18, 4)) COMMENT 'Lower bound of the band in which it is usual, currency units or a count',
    high Nullable(Decimal(18, 4)) COMMENT 'Upper bound of the band, currency units or a count',
    score Float64 COMMENT 'Standard deviations from what is expected; 0 where nothing is measured',
    contributor_dimension Array(LowCardinality(String)) COMMENT 'What contributes most, the largest first: source or region',
    contributor_member Array(String) COMMENT 'Contributors: which source or region',
    contributor_change Array(Decimal(18, 4)) COMMENT 'Contributors: observed less expected, currency units or a count',
    contributor_share Array(Float64) COMMENT 'Contributors: share of the whole change; above 1 where others went the other way',
    window_from DateTime64(3, 'UTC') COMMENT 'Start of the last bucket, UTC',
    window_to DateTime64(3, 'UTC') COMMENT 'End of the last bucket, UTC',
    seen_at DateTime64(3, 'UTC') COMMENT 'The tenant''s now at that bucket, UTC: the wall clock, or of a replay its event time',
    opened_at DateTime64(3, 'UTC') COMMENT 'When it began, by the tenant''s now, UTC',
    changed_at DateTime64(3, 'UTC') COMMENT 'Of the last trigger or resolve, by the tenant''s now, UTC',
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was over, by the tenant''s now, UTC; null: it is not',
    acknowledged_by String COMMENT 'Who acknowledged it; empty: nobody',
    silenced_by String COMMENT 'Who silenced it; empty: nobody, or it is over',
    silenced_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was silenced, wall clock, UTC',
    silenced_until Nullable(DateTime64(3, 'UTC')) COMMENT 'Nothing more is told until then, wall clock, UTC',
    model LowCardinality(String) COMMENT 'By what it was found, with the width of its buckets'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (tenant, alert_id, revision)
SETTINGS auto_statistics_types = ''
COMMENT 'Incidents: what became of metrics that left their band, and of sources that do not answer. Grain: change of an incident; read with FINAL.'
