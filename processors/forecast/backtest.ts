/**
 * Rolling origin: from several moments of the past the method forecasts what had not come then, and is compared with what
 * came (Tashman 2000). What is learned (parameters) is learned at the first of the moments and kept for the later ones, so
 * nothing is ever fitted on what it is judged by, and a backtest of twelve costs little more than two forecasts.
 */
import { mase, smape, wape } from './accuracy.ts'

export interface BacktestPlan {
  /** How many values are known at each moment, ascending; all have `horizon` values behind. */
  origins: number[]
  horizon: number
}

export interface OriginsOptions {
  horizon: number
  /** At most so many. */
  most: number
  /** Values between two. */
  stride: number
  /** Known values at the first. */
  least: number
}

/** Forecasts of one method, one for each origin. */
export type Rolled = Float64Array[]

export interface Accuracy {
  /** A share of 1. */
  wape: number
  /** 0 to 200. */
  smape: number
  /** Against naive and against seasonal naive within the history of each origin: under 1 is better. */
  maseNaive: number
  maseSeasonalNaive: number
}

/** As many origins as fit, the last of them as late as possible. */
export function planOrigins(count: number, { horizon, most, stride, least }: OriginsOptions): BacktestPlan {
  const origins: number[] = []
  for (let at = count - horizon; at >= least && origins.length < most; at -= stride) origins.unshift(at)
  return { origins, horizon }
}

/** Forecasts by `forecast` (given what was known) from each origin. */
export function rollOrigins(
  series: Float64Array,
  { origins }: BacktestPlan,
  forecast: (known: Float64Array, origin: number) => Float64Array,
): Rolled {
  return origins.map((origin) => forecast(series.subarray(0, origin), origin))
}

/** Means over the origins; NaN where nothing could be compared. */
export function accuracyOf(
  series: Float64Array,
  { origins, horizon }: BacktestPlan,
  rolled: Rolled,
  period: number,
): Accuracy {
  const actual = joined(origins.map((origin) => series.subarray(origin, origin + horizon)))
  const forecast = joined(rolled)
  const scaled = (lag: number) =>
    meanKnown(
      origins.map((origin, o) => {
        const came = series.subarray(origin, origin + horizon)
        return mase(came, rolled[o]!, series.subarray(0, origin), lag)
      }),
    )
  return {
    wape: wape(actual, forecast),
    smape: smape(actual, forecast),
    maseNaive: scaled(1),
    maseSeasonalNaive: scaled(period),
  }
}

function joined(parts: Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}

function meanKnown(values: number[]): number {
  const known = values.filter((value) => Number.isFinite(value))
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : Number.NaN
}
