/** The days, or weeks, before a forecast that are told beside it. */
import { isOfLines } from '../../clickhouse/queries/read-day-series.ts'
import type { ForecastModel, SeriesName } from '../../clickhouse/queries/read-forecasts.ts'
import { type PastValue, readPastValues } from '../../clickhouse/queries/read-past-values.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { FORECAST_PAST, FORECAST_STEP_DAYS, type ForecastStep } from '../../core/contracts/results.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'

export function pastDays(
  { cutOff, firstDay }: Pick<ForecastModel, 'cutOff' | 'firstDay'>,
  step: ForecastStep,
): { from: string; to: string } {
  const from = Math.max(
    parseDay(firstDay),
    parseDay(cutOff) - FORECAST_PAST[step] * FORECAST_STEP_DAYS[step] + 1,
  )
  return { from: formatDay(from), to: cutOff }
}

/** As it is now; what takes too long to read, as it was when the forecast was made. */
export async function readPast(
  warehouse: Warehouse,
  scope: MoneyScope & SeriesName & { step: ForecastStep },
  model: ForecastModel,
): Promise<PastValue[]> {
  const { step, series, dimension } = scope
  if (series === 'revenue' || !isOfLines(dimension))
    return readPastValues(warehouse, { ...scope, ...pastDays(model, step) })
  const first = parseDay(model.cutOff) + 1 - model.past.length * FORECAST_STEP_DAYS[step]
  return model.past.map((value, i) => ({ day: formatDay(first + i * FORECAST_STEP_DAYS[step]), value }))
}
