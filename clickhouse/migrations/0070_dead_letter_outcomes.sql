CREATE TABLE IF NOT EXISTS ${control}.dead_letter_outcomes
(
    tenant LowCardinality(String) COMMENT 'Tenant of the letter; empty where its record does not tell it',
    source LowCardinality(String) COMMENT 'Source of the letter; empty where its record does not tell it',
    origin String COMMENT 'Which letter: the origin of its record',
    state LowCardinality(String) COMMENT 'replayed, skipped, or open again; the newest row counts',
    at DateTime64(3, 'UTC') COMMENT 'When it was decided, UTC',
    decided_by String COMMENT 'Who decided it',
    why String COMMENT 'Why; empty for a replay',
    replayed_as String COMMENT 'Origin that the record has since its replay: a letter of that origin is this one, refused again. Else empty'
)
ENGINE = MergeTree
ORDER BY (tenant, source, origin, at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, auto_statistics_types = ''
COMMENT 'What became of dead letters. Of all runs, for origins are of the log. Grain: decision; a letter without one is open.'
