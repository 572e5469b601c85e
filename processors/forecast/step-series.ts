/** Sums by day as the series that are forecast: revenue, orders and ticket, by day or by whole week. */
import type { ForecastDimension, ForecastSeries } from '../../core/contracts/results.ts'
import { FORECAST_MIN_DAYS, FORECAST_MIN_WEEKS, FORECAST_SERIES } from '../../core/contracts/results.ts'
import { wholeWeeks } from '../../core/runtime/local-time.ts'
import { DAYS_OF, type Step } from './calendar.ts'

/** Each array has a value a day, from the first one to the cut-off. */
export interface DayFigures {
  revenue: Float64Array
  sales: Float64Array
  orders: Float64Array
}

export interface SplitFigures extends DayFigures {
  dimension: ForecastDimension
  /** Empty: all. */
  key: string
}

export interface NamedSeries {
  series: ForecastSeries
  dimension: ForecastDimension
  key: string
  values: Float64Array
}

/** Of the steps of a history: day numbers of the first one and of the last, whole ones alone. */
export interface StepSpan {
  step: Step
  firstDay: number
  cutOff: number
}

const LEAST: Record<Step, number> = { day: FORECAST_MIN_DAYS, week: FORECAST_MIN_WEEKS }

/** Weeks begin on Monday: those that begin before the first day, or end behind the last one, are left out. */
export function spanOf(step: Step, firstDay: number, lastDay: number): StepSpan {
  if (step === 'day') return { step, firstDay, cutOff: lastDay }
  const { first, last } = wholeWeeks(firstDay, lastDay)
  return { step, firstDay: first, cutOff: last }
}

export const stepsIn = ({ step, firstDay, cutOff }: StepSpan) =>
  Math.max(0, Math.floor((cutOff - firstDay + 1) / DAYS_OF[step]))

/**
 * Groups that may learn of one another: those of all, then one by one revenue, orders and ticket of each dimension. A series
 * that begins too late is left out. `firstDay`: of the figures.
 */
export function seriesIn(
  span: StepSpan,
  splits: readonly (readonly SplitFigures[])[],
  firstDay: number,
): NamedSeries[][] {
  const groups = splits.flatMap((group) =>
    group.some(({ dimension }) => dimension === 'all')
      ? [
          group.flatMap((figures) =>
            FORECAST_SERIES.map((series) => seriesOf(series, figures, span, firstDay)),
          ),
        ]
      : FORECAST_SERIES.map((series) => group.map((figures) => seriesOf(series, figures, span, firstDay))),
  )
  return groups
    .map((group) => group.filter(({ values }) => isLongEnough(values, span.step)))
    .filter((group) => group.length > 0)
}

function seriesOf(
  series: ForecastSeries,
  { dimension, key, ...figures }: SplitFigures,
  span: StepSpan,
  firstDay: number,
): NamedSeries {
  const sums = (days: Float64Array) => sumSteps(days, span, firstDay)
  if (series !== 'ticket') return { series, dimension, key, values: sums(figures[series]) }
  const orders = sums(figures.orders)
  // Without orders there is no ticket, which is not one of 0.
  const values = sums(figures.sales).map((sales, i) => (orders[i]! > 0 ? sales / orders[i]! : Number.NaN))
  return { series, dimension, key, values }
}

function sumSteps(days: Float64Array, span: StepSpan, firstDay: number): Float64Array {
  const length = DAYS_OF[span.step]
  return Float64Array.from({ length: stepsIn(span) }, (_, step) => {
    const from = span.firstDay - firstDay + step * length
    return days.subarray(from, from + length).reduce((sum, value) => sum + value, 0)
  })
}

/** From the first step that has anything. */
function isLongEnough(values: Float64Array, step: Step): boolean {
  const first = values.findIndex((value) => Number.isFinite(value) && value !== 0)
  return first >= 0 && values.length - first >= LEAST[step]
}
