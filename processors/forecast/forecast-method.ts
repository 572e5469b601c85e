/**
 * What every method of forecasting takes and gives, and the rules for awkward input that all of them share.
 *
 * - A value that is not finite is missing. Missing values between known ones lie on the straight line between them;
 *   before the first and behind the last known one they repeat it. With no known value at all the forecast is 0.
 * - Zeros and negative values are values. What multiplies or takes logarithms asks `isPositive` first and otherwise
 *   takes the additive way.
 * - A method that cannot be fitted (too short, constant) says what the next simpler one says, never NaN.
 *
 * Values are plain numbers in units of the currency (or counts): a forecast is an estimate, not an amount that is booked.
 */

export interface MethodOptions {
  /** Values a season: 52 for weeks of a year, 7 for days of a week, 1 for none. */
  period: number
  /** What an earlier fit of the same method found: nothing is searched again. So a backtest costs little. */
  parameters?: Float64Array
  /** A seasonal index (seasonal-index.ts) to use in place of the series' own. */
  index?: SeasonalIndex
}

/** One factor (multiplicative, mean 1) or one difference (additive, mean 0) for each position of the season. */
export interface SeasonalIndex {
  kind: 'multiplicative' | 'additive'
  /** `values[i % values.length]` belongs to `series[i]`. */
  values: Float64Array
}

export interface Fitted {
  method: string
  /** `horizon` values, from the first behind the series. Always finite. */
  point: Float64Array
  parameters?: Float64Array
}

export type ForecastMethod = (series: Float64Array, horizon: number, options: MethodOptions) => Fitted

/** The series without gaps: itself where it has none, empty where nothing is known. */
export function fillMissing(series: Float64Array): Float64Array {
  if (isComplete(series)) return series
  const first = series.findIndex(Number.isFinite)
  if (first < 0) return new Float64Array(0)
  const filled = Float64Array.from(series)
  filled.fill(series[first]!, 0, first)
  let known = first
  for (let i = first + 1; i < series.length; i++) {
    if (!Number.isFinite(series[i]!)) continue
    const step = (series[i]! - series[known]!) / (i - known)
    for (let gap = known + 1; gap < i; gap++) filled[gap] = series[known]! + step * (gap - known)
    known = i
  }
  return filled.fill(series[known]!, known)
}

function isComplete(series: Float64Array): boolean {
  for (let i = 0; i < series.length; i++) if (!Number.isFinite(series[i]!)) return false
  return true
}

/** Whether logarithms and ratios make sense: all above 0. */
export function isPositive(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i]! > 0)) return false
  return values.length > 0
}

export function meanOf(values: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}

/** All that can go wrong in floating point (overflow of a growth, 0/0) ends here, at the last known value. */
export function finiteOr(point: Float64Array, fallback: number): Float64Array {
  return point.map((value) => (Number.isFinite(value) ? value : fallback))
}
