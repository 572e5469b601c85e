ALTER TABLE ${database}.forecast_models
    ADD COLUMN IF NOT EXISTS past Array(Nullable(Decimal(18, 4))) COMMENT 'The last days up to the cut-off as they were when it was made, in the unit of the series; null: a ticket without orders. Empty: stored before this column'
