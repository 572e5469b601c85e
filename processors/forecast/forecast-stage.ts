/**
 * All series as they were known at one moment: what they share (events, season, ridge) is estimated from that alone, then
 * every method forecasts every series. forecast-series.ts does this for each origin of the backtest and for the present.
 *
 *     value = event factors × (days: yearly index) × what the methods see
 *
 * Weekly series: period 52, with an index pooled across series. Daily series: period 7; their yearly season is an index of
 * 364 days, three weeks smoothed together, taken out before; seasonal naive × year over year and the ridge see it.
 */
import type { Step } from './calendar.ts'
import { type EventEffects, eventFactors, observeEvents, poolEvents } from './event-factors.ts'
import { type ForecastMethod, fillMissing, finiteOr, type SeasonalIndex } from './forecast-method.ts'
import { type RidgeModel, type RidgeSeries, ridgeForecast, trainRidge } from './global-ridge.ts'
import { seasonalGrowth } from './seasonal-growth.ts'
import {
  addSeason,
  poolSeasons,
  removeSeason,
  type SeasonalDeviations,
  seasonalDeviations,
  seasonalIndex,
  smoothDeviations,
} from './seasonal-index.ts'

export interface Seasons {
  /** The season that the methods see. */
  period: number
  /** Values a year, whole weeks. */
  year: number
  /** Values a week. */
  round: number
}

export const SEASONS: Record<Step, Seasons> = {
  day: { period: 7, year: 364, round: 7 },
  week: { period: 52, year: 52, round: 1 },
}

export interface StageSeries {
  /** Up to the moment; NaN where nothing is known. */
  known: Float64Array
  /** What is on at each step, `horizon` beyond the moment too. */
  events: readonly (readonly string[])[]
  /** Position of the first value in the year. */
  phase: number
  methods: readonly ForecastMethod[]
  usesRidge: boolean
  /** What each method learned at an earlier moment; filled in by the first stage. */
  learned: Map<ForecastMethod, Float64Array>
}

export interface StageOptions {
  step: Step
  horizon: number
  /** Of an earlier moment, to use again; trained anew otherwise. */
  ridge?: RidgeModel | null
  /** At the present: parameters are searched for whatever was learned before. */
  isFresh?: boolean
}

export interface Stage {
  /** By series: forecasts by the method's name. */
  points: Map<string, Float64Array>[]
  ridge: RidgeModel | null
  /** Series that lend their season to the others. */
  lenders: number
}

const SMOOTHED_DAYS = 21

export function runStage(all: readonly StageSeries[], options: StageOptions): Stage {
  const seasons = SEASONS[options.step]
  const filled = all.map((one) => fillMissing(one.known))
  const factors = factorsOf(all, filled, seasons.round)
  const plain = filled.map((values, s) => values.map((value, i) => value / factors[s]![i]!))
  const deviations = plain.map((values, s) => yearOf(values, all[s]!.phase, options.step))
  const pool = poolSeasons(deviations)
  const rows = all.map(
    ({ phase }, s): RidgeSeries => ({
      values: plain[s]!,
      phase,
      index: seasonalIndex(deviations[s]!, pool, phase),
    }),
  )
  const users = rows.filter((_, s) => all[s]!.usesRidge)
  const ridge = options.ridge ?? (users.length > 0 ? trainRidge(users, options.horizon, seasons) : null)
  const points = all.map((one, s) => {
    const ahead = factors[s]!.subarray(filled[s]!.length)
    const found = forecastOne(one, rows[s]!, ridge, options)
    for (const point of found.values())
      for (let h = 0; h < point.length; h++) point[h] = point[h]! * ahead[h]!
    return found
  })
  return { points, ridge, lenders: deviations.filter((one) => one?.kind === 'multiplicative').length }
}

function factorsOf(all: readonly StageSeries[], filled: Float64Array[], round: number): Float64Array[] {
  const effects = all.map(
    ({ events }, s): EventEffects => observeEvents(filled[s]!, events.slice(0, filled[s]!.length), round),
  )
  const pool = poolEvents(effects)
  return all.map(({ events }, s) => eventFactors(effects[s]!, pool, events))
}

function yearOf(values: Float64Array, phase: number, step: Step): SeasonalDeviations | null {
  const { year } = SEASONS[step]
  const found = seasonalDeviations(values, year, phase % year)
  return found && step === 'day' ? smoothDeviations(found, SMOOTHED_DAYS) : found
}

function forecastOne(
  one: StageSeries,
  row: RidgeSeries,
  ridge: RidgeModel | null,
  { step, horizon, isFresh }: StageOptions,
): Map<string, Float64Array> {
  const { period, year } = SEASONS[step]
  const { values, index } = row
  // A year of days is taken out before, a year of weeks is the season that the methods see.
  const before: SeasonalIndex | undefined = step === 'day' ? index : undefined
  const seen = removeSeason(values, before)
  const points = new Map<string, Float64Array>()
  for (const method of one.methods) {
    const parameters = isFresh ? undefined : one.learned.get(method)
    const isYearly = method === seasonalGrowth
    const fitted = isYearly
      ? method(values, horizon, { period: values.length >= year ? year : period })
      : method(seen, horizon, { period, parameters, index: step === 'week' ? index : undefined })
    if (fitted.parameters) one.learned.set(method, fitted.parameters)
    points.set(fitted.method, isYearly ? fitted.point : addSeason(fitted.point, before, seen.length))
  }
  const linear = one.usesRidge && ridge ? ridgeForecast(ridge, row, horizon) : null
  // A series without a level above 0 goes on without the ridge, which then stands for the mean of the others.
  if (one.usesRidge) points.set('global-ridge', linear?.point ?? meanPoint([...points.values()], horizon))
  const last = values.at(-1) ?? 0
  return new Map([...points].map(([name, point]) => [name, finiteOr(point, last)]))
}

function meanPoint(points: readonly Float64Array[], horizon: number): Float64Array {
  const mean = new Float64Array(horizon)
  for (const point of points) for (let h = 0; h < horizon; h++) mean[h] = mean[h]! + point[h]! / points.length
  return mean
}
