ALTER TABLE ${database}.customer_segments
    COMMENT COLUMN mode 'Division that names the segment: of the 125 cells, or rules-vN by the thresholds of version N'
