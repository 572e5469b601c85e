/** What is asked of forecast-series.ts, and what it answers. */
import type { Accuracy } from './backtest.ts'
import type { HolidayCalendar, Step } from './calendar.ts'
import type { Weighted } from './combine-forecasts.ts'

export interface SeriesInput {
  id: string
  /** First day of the first value, `YYYY-MM-DD`. */
  firstDay: string
  /** One a day or a week; NaN where nothing is known (not where nothing was sold: that is 0). */
  values: Float64Array
  /** Of this series alone, past and to come. */
  promotions?: HolidayCalendar
  /** The misses allowed for that adaptAlpha has come to on published forecasts, of the 80 % and the 95 % band. */
  alphas?: { alpha80: number; alpha95: number }
}

export interface ForecastRequest {
  series: readonly SeriesInput[]
  step: Step
  /** The last day that counts. A week that is not over by then is left out. */
  cutOff: string
  /** Eight weeks, if left out. */
  horizon?: number
  holidays?: HolidayCalendar
}

export interface SeriesForecast {
  id: string
  /** First day of what is forecast. */
  firstDay: string
  /** Each of `horizon` values. */
  point: Float64Array
  lo80: Float64Array
  hi80: Float64Array
  lo95: Float64Array
  hi95: Float64Array
  /** By weight, which add up to 1. */
  models: Weighted[]
  backtest: BacktestFigures
  /** Why fewer methods than usual had to do, in words; null where they did not. */
  fallback: string | null
}

/** NaN where there was nothing to compare. */
export interface BacktestFigures extends Accuracy {
  origins: number
  /** Of what is easy, at the same origins. */
  naive: Accuracy
  seasonalNaive: Accuracy
  cubicTrend: Accuracy
  /** Shares of 1 within the bands, and the values behind them. */
  coverage80: number
  coverage95: number
  tested: number
  /** To be carried on with by adaptAlpha. */
  alpha80: number
  alpha95: number
}
