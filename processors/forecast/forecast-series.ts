/**
 * Forecasts of many series that end at the same cut-off: points, 80 % and 95 % bands, the methods with their weights, the
 * backtest and its figures. The one entry for the worker.
 *
 * 1. Each series is cut at the cut-off and begins with its first value that is known and not 0.
 * 2. By length it gets methods: under 13 weeks, under 60 weeks, longer (series-history.ts).
 * 3. For up to 12 origins of the past, oldest first, and then for the present, forecast-stage.ts estimates what the series
 *    share and runs the methods. An origin sees nothing of what came after it.
 * 4. Weights by backtest (combine-forecasts.ts). The backtest of the combination uses at each origin the weights that were
 *    known then, so its WAPE, sMAPE, MASE and coverage are those of forecasts that could have been published.
 * 5. Bands are conformal (conformal.ts), with the growth and the tails that the series of the call have in common.
 *
 * A day of the week on which the shop is closed is 0 ahead, and no part of what is learned or compared (as it stands at the
 * cut-off: an origin of the backtest knows of a closing that came after it).
 *
 * Values are plain numbers in units of the currency, or counts: estimates, not booked amounts; the caller converts. Where
 * no value of the history is below 0, neither point nor band is. Deterministic: no clock, no randomness.
 */
import { naiveScale } from './accuracy.ts'
import { accuracyOf, type BacktestPlan, type Rolled, rollOrigins } from './backtest.ts'
import { DAYS_OF, dayText, type Step } from './calendar.ts'
import { meanAbsoluteError, type Weighted, weightedMean, weightsByError } from './combine-forecasts.ts'
import { type Band, type ConformalPool, conformalBand, poolResiduals, type Residuals } from './conformal.ts'
import { cubicTrend } from './cubic-trend.ts'
import { type ForecastMethod, fillMissing, meanOf } from './forecast-method.ts'
import type { ForecastRequest, SeriesForecast } from './forecast-request.ts'
import { runStage, SEASONS, type StageSeries } from './forecast-stage.ts'
import type { RidgeModel } from './global-ridge.ts'
import { naive } from './naive.ts'
import { MIN_POOLED } from './seasonal-index.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { type History, historyOf, MAX_ORIGINS, MIDDLE, SHORT, STRIDE } from './series-history.ts'

export const DEFAULT_HORIZON: Record<Step, number> = { day: 56, week: 8 }
/** More are forecast in several calls; what series share is then shared within each. */
export const MAX_SERIES = 1_000
export const MAX_HORIZON = 366

/** The ridge is trained anew at every fourth origin; between them an earlier one is used. */
const RIDGE_EVERY = 4
const LEVEL_WEEKS = 13

interface Combination {
  models: Weighted[]
  point: Float64Array
  rolled: Rolled
  residuals: Residuals
}

/** Throws RangeError where there are too many series, a horizon that is none, or a day that is none. */
export function forecastSeries(request: ForecastRequest): SeriesForecast[] {
  const { series, step, horizon = DEFAULT_HORIZON[step] } = request
  if (series.length > MAX_SERIES)
    throw new RangeError(`at most ${MAX_SERIES} series at once, not ${series.length}`)
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > MAX_HORIZON)
    throw new RangeError(`the horizon is 1 to ${MAX_HORIZON} steps, not ${horizon}`)
  const histories = series.map((input) => historyOf(input, request, horizon))
  rollBack(histories, step, horizon)
  const lenders = forecastPresent(histories, step, horizon)
  const combined = histories.map((history) => combine(history, step))
  const pool = poolResiduals(combined.map(({ residuals }) => residuals))
  return histories.map((history, s) => describe(history, combined[s]!, pool, { step, horizon, lenders }))
}

/** All origins of all series, by their distance from the cut-off, farthest first. */
function rollBack(histories: readonly History[], step: Step, horizon: number): void {
  let ridge: RidgeModel | null = null
  for (let k = MAX_ORIGINS - 1; k >= 0; k--) {
    const back = horizon + k * STRIDE[step]
    const present = histories.filter(({ plan }) => plan.origins.length > k)
    if (present.length === 0) continue
    if (k % RIDGE_EVERY === RIDGE_EVERY - 1) ridge = null
    const stage = runStage(
      present.map((history) => stageSeries(history, back, horizon)),
      { step, horizon, ridge },
    )
    ridge = stage.ridge
    present.forEach((history, s) => {
      for (const [method, point] of stage.points[s]!)
        history.rolled.set(method, [...(history.rolled.get(method) ?? []), point])
    })
  }
}

function forecastPresent(histories: readonly History[], step: Step, horizon: number): number {
  const known = histories.filter(({ values }) => values.length > 0)
  const { points, lenders } = runStage(
    known.map((history) => stageSeries(history, 0, horizon)),
    { step, horizon, isFresh: true },
  )
  known.forEach((history, s) => {
    history.present = points[s]!
  })
  return lenders
}

function stageSeries(history: History, back: number, horizon: number): StageSeries {
  const { values, events, phase, tier, learned } = history
  const count = values.length - back
  return {
    known: values.subarray(0, count),
    events: events.slice(0, count + horizon),
    phase,
    methods: tier.methods,
    usesRidge: tier.usesRidge,
    learned,
  }
}

/** The weights of the present, and the forecasts that the combination would have made at each origin. */
function combine({ values, plan, rolled, present }: History, step: Step): Combination {
  const methods = [...present.keys()]
  const weightsAt = (before: number) => {
    const errors = methods.map((method) => meanAbsoluteError(values, plan, rolled.get(method) ?? [], before))
    return weightsByError(
      errors.map(({ error }) => error),
      errors[0]?.origins ?? 0,
    )
  }
  const made = plan.origins.map((origin, o) => {
    const points = methods.map((method) => rolled.get(method)![o]!)
    return floored(weightedMean(points, weightsAt(origin)), values.subarray(0, origin))
  })
  const weights = weightsAt(values.length)
  const residuals = residualsOf(values, plan, made, step)
  const models = methods.map((method, m) => ({ method, weight: weights[m]! }))
  return {
    models: models.sort((a, b) => b.weight - a.weight),
    point: floored(weightedMean([...present.values()], weights), values),
    rolled: made,
    residuals,
  }
}

function residualsOf(values: Float64Array, { origins }: BacktestPlan, made: Rolled, step: Step): Residuals {
  return {
    origins,
    errors: made.map((point, o) => point.map((value, h) => values[origins[o]! + h]! - value)),
    points: made,
    levels: origins.map((origin) => levelBefore(values, origin, step)),
  }
}

interface Shared {
  step: Step
  horizon: number
  lenders: number
}

function describe(
  history: History,
  { models, point, rolled, residuals }: Combination,
  pool: ConformalPool | undefined,
  { step, horizon, lenders }: Shared,
): SeriesForecast {
  const { input, values, start, closed, plan } = history
  // Nothing is known: 0 is said, and the bands are as narrow as that is sure, which the reason puts right.
  const all = values.length > 0 ? point : new Float64Array(horizon)
  const level = levelBefore(values, values.length, step)
  const naiveError = naiveScale(fillMissing(values)) || 0
  const band = (share: number, alpha: number | undefined) => {
    const { lo, hi, ...measured } = conformalBand(all, level, residuals, {
      level: share,
      pool,
      naiveError,
      alpha,
    })
    return { ...measured, lo: floored(lo, values), hi: floored(hi, values) }
  }
  const inner = band(0.8, input.alphas?.alpha80)
  const outer = widened(band(0.95, input.alphas?.alpha95), inner)
  const first = start + values.length * DAYS_OF[step]
  const shut = (ahead: Float64Array) => ahead.map((value, h) => (closed.has((first + h) % 7) ? 0 : value))
  return {
    id: input.id,
    firstDay: dayText(first),
    point: shut(all),
    lo80: shut(inner.lo),
    hi80: shut(inner.hi),
    lo95: shut(outer.lo),
    hi95: shut(outer.hi),
    models,
    backtest: {
      origins: plan.origins.length,
      ...accuracyOf(values, plan, rolled, SEASONS[step].period),
      ...comparedWith(values, plan, SEASONS[step].period),
      coverage80: inner.coverage,
      coverage95: outer.coverage,
      tested: inner.tested,
      alpha80: inner.alpha,
      alpha95: outer.alpha,
    },
    fallback: fallbackOf(history, step, lenders),
  }
}

function comparedWith(values: Float64Array, plan: BacktestPlan, period: number) {
  const accuracyBy = (method: ForecastMethod) => {
    const rolled = rollOrigins(values, plan, (known) => method(known, plan.horizon, { period }).point)
    return accuracyOf(values, plan, rolled, period)
  }
  return {
    naive: accuracyBy(naive),
    seasonalNaive: accuracyBy(seasonalNaive),
    cubicTrend: accuracyBy(cubicTrend),
  }
}

/** In words, as the wall shows it. */
function fallbackOf({ values }: History, step: Step, lenders: number): string | null {
  const weeks = Math.floor(values.length / SEASONS[step].round)
  const unit = weeks === 1 ? 'week' : 'weeks'
  if (values.length === 0) return 'nothing is known up to the cut-off: 0 is no forecast'
  if (weeks < SHORT)
    return `${weeks} ${unit} of history, under ${SHORT}: the last weeks go on, with a trend that fades`
  if (weeks >= MIDDLE) return null
  const season =
    lenders >= MIN_POOLED
      ? `the season of the year is that of ${lenders} other series`
      : 'no season of the year'
  return `${weeks} ${unit} of history, under ${MIDDLE}: ${season}`
}

/** Two levels are adapted apart; a band of 95 % is never within that of 80 %. */
function widened(outer: Band, inner: Band): Band {
  return {
    ...outer,
    lo: outer.lo.map((value, h) => Math.min(value, inner.lo[h]!)),
    hi: outer.hi.map((value, h) => Math.max(value, inner.hi[h]!)),
  }
}

/** Nothing below 0 where nothing was. */
function floored(point: Float64Array, history: Float64Array): Float64Array {
  return history.some((value) => value < 0) ? point : point.map((value) => Math.max(0, value))
}

function levelBefore(values: Float64Array, origin: number, step: Step): number {
  const recent = values
    .subarray(Math.max(0, origin - LEVEL_WEEKS * SEASONS[step].round), origin)
    .filter((value) => Number.isFinite(value))
  return meanOf(recent.map(Math.abs))
}
