/**
 * Seasonal naive × year over year: the same week of the year before, times how the last quarter of a season stands to the
 * same quarter a season before. For days, a season of 364 keeps the day of the week. The growth is held within half and
 * double; it is 1 where one of the two sums is not above 0 or under four values can be compared. Under one season: naive.
 */
import { type ForecastMethod, fillMissing, finiteOr } from './forecast-method.ts'
import { seasonalNaive } from './seasonal-naive.ts'

const MIN_COMPARED = 4
const GROWTH = { low: 0.5, high: 2 }

export const seasonalGrowth: ForecastMethod = (series, horizon, options) => {
  const values = fillMissing(series)
  const before = seasonalNaive(values, horizon, options).point
  const growth = growthOverSeason(values, options.period)
  return {
    method: 'seasonal-growth',
    point: finiteOr(
      before.map((value) => value * growth),
      values.at(-1) ?? 0,
    ),
  }
}

export function growthOverSeason(values: Float64Array, period: number): number {
  const window = Math.min(values.length - period, Math.max(MIN_COMPARED, Math.round(period / 4)))
  if (period < 2 || window < MIN_COMPARED) return 1
  let now = 0
  let then = 0
  for (let i = values.length - window; i < values.length; i++) {
    now += values[i]!
    then += values[i - period]!
  }
  return now > 0 && then > 0 ? Math.min(GROWTH.high, Math.max(GROWTH.low, now / then)) : 1
}
