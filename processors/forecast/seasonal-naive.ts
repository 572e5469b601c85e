/** The last season goes on: the same week of the year before, the same day of the week before. Under one season: naive. */
import { type ForecastMethod, fillMissing } from './forecast-method.ts'

export const seasonalNaive: ForecastMethod = (series, horizon, { period }) => {
  const values = fillMissing(series)
  const season = period >= 1 && values.length >= period ? period : 1
  const first = values.length - season
  const point = new Float64Array(horizon)
  for (let h = 0; h < horizon; h++) point[h] = values[first + (h % season)] ?? 0
  return { method: 'seasonal-naive', point }
}
