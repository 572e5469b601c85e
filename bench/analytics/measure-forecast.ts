/**
 * Forecasts: how right on the M4 competition's weekly series, and how fast, alone and in a pool; and where days of Online
 * Retail end, while they go on.
 */
import { ok } from 'node:assert/strict'
import { Piscina } from 'piscina'
import { type ProgramPart, programPart } from '../../core/runtime/program.ts'
import { dayNumber, dayText } from '../../processors/forecast/calendar.ts'
import { forecastEnsemble } from '../../processors/forecast/combine-forecasts.ts'
import { cubicTrend } from '../../processors/forecast/cubic-trend.ts'
import { dampedHolt } from '../../processors/forecast/damped-holt.ts'
import { dynamicTheta } from '../../processors/forecast/dynamic-theta.ts'
import type { ForecastMethod } from '../../processors/forecast/forecast-method.ts'
import type { SeriesForecast } from '../../processors/forecast/forecast-request.ts'
import type { ForecastTask } from '../../processors/forecast/forecast-task.ts'
import { naive } from '../../processors/forecast/naive.ts'
import { stlEts, stlTheta } from '../../processors/forecast/stl-forecast.ts'
import { theta } from '../../processors/forecast/theta.ts'
import { benchPart } from '../bench-part.ts'
import type { Measurement } from '../measurement.ts'
import forecastAugurs, { type AugursTask } from './augurs.worker.ts'
import { M4_FOLDER, M4_HORIZON, type M4Score, type M4Series, NAIVE2, readM4, scoreM4 } from './m4-weekly.ts'
import { scoreNowcasts } from './nowcast-year.ts'

const WEEKS = 52
/** Before it is timed: half of what a first run costs is the compiler. */
const WARM_UP = 60
const METHODS: readonly ForecastMethod[] = [theta, dynamicTheta, dampedHolt, stlEts, stlTheta, cubicTrend]

const POOLED_SERIES = 2_000
const POOL_THREADS = 2
/** Weeks, what is forecast of weeks by default. */
const POOLED_HORIZON = 8
/** Series of a task: they share their season and the ridge. */
const TASK_SERIES = 250
const HISTORY_WEEKS = 104
const FIRST_DAY = '2024-01-01'
/** Nine weeks, up to the last whole day. */
const NOWCAST_FROM = '2011-10-10'

export async function measureForecast(folder = M4_FOLDER): Promise<Measurement[]> {
  const series = readM4(folder)
  if (!series) console.log('forecast: the M4 series are not beside the repository, their part is left out')
  const alone = series ? measureM4(series) : []
  return [...alone, ...(await measurePool()), ...measureNowcast()]
}

function measureM4(series: M4Series[]): Measurement[] {
  checkMetrics(series)
  for (const method of METHODS) {
    const forecasts = series.map(
      ({ history }) => method(history, M4_HORIZON, { period: periodOf(history) }).point,
    )
    printScore(method(new Float64Array(0), 1, { period: 1 }).method, scoreM4(series, forecasts))
  }
  const { forecasts, ms } = timed(
    series,
    (history) => forecastEnsemble(history, M4_HORIZON, { period: periodOf(history) }).point,
  )
  const score = scoreM4(series, forecasts)
  printScore('ensemble', score, ms)
  const rival = measureAugurs(series)
  return [
    figure('forecast.m4_smape', score.smape, null),
    figure('forecast.m4_mase', score.mase, null),
    figure('forecast.m4_owa', score.owa, 0.82),
    { ...figure('forecast.ensemble_ms', ms, 5), unit: 'ms' },
    figure('forecast.ensemble_to_augurs', ms / rival, 1),
  ]
}

/** The competition's own Naive2 must come out, or no figure here means anything. */
function checkMetrics(series: readonly M4Series[]): void {
  const score = scoreM4(
    series,
    series.map(({ history }) => naive(history, M4_HORIZON, { period: 1 }).point),
  )
  printScore('naive (Naive2)', score)
  ok(Math.abs(score.smape - NAIVE2.smape) < 0.0006, `sMAPE of Naive2 is ${NAIVE2.smape}, not ${score.smape}`)
  ok(Math.abs(score.mase - NAIVE2.mase) < 0.0006, `MASE of Naive2 is ${NAIVE2.mase}, not ${score.mase}`)
}

function timed(series: readonly M4Series[], forecast: (history: Float64Array) => Float64Array) {
  for (const { history } of series.slice(0, WARM_UP)) forecast(history)
  const begin = performance.now()
  const forecasts = series.map(({ history }) => forecast(history))
  return { forecasts, ms: (performance.now() - begin) / series.length }
}

/** A year of weeks where two years are known. */
function periodOf(history: Float64Array): number {
  return history.length >= 2 * WEEKS ? WEEKS : 1
}

/** Milliseconds a series of the rival. */
function measureAugurs(series: readonly M4Series[]): number {
  const forecastOne = (history: Float64Array) =>
    forecastAugurs({ series: [history], horizon: M4_HORIZON })[0]!
  const { forecasts, ms } = timed(series, forecastOne)
  printScore('@bsull/augurs AutoETS', scoreM4(series, forecasts), ms)
  return ms
}

/**
 * Backtest, weights and bands of weekly series of two years, in a pool; by one thread for the ratio, and by the rival in a
 * pool like ours, which makes a point and a band of one model, without any backtest.
 */
async function measurePool(): Promise<Measurement[]> {
  const series = shopSeries(POOLED_SERIES)
  const alone = await secondsOf(series.slice(0, POOLED_SERIES / 4), 1)
  const pooled = await secondsOf(series, POOL_THREADS)
  const rival = await secondsOfAugurs(series, POOL_THREADS)
  const ms = (1000 * pooled) / POOLED_SERIES
  const threads = (4 * alone) / pooled
  console.log(
    `forecast: ${POOLED_SERIES} series in ${POOL_THREADS} threads, ${threads.toFixed(2)} times as fast as in one; @bsull/augurs takes ${rival.toFixed(2)} s`,
  )
  return [
    { ...figure('forecast.pool_2000_s', pooled, null), unit: 's' },
    { ...figure('forecast.pool_series_ms', ms, 5), unit: 'ms' },
    figure('forecast.pool_speedup', threads, null, false),
    { ...figure('forecast.pool_augurs_s', rival, null), unit: 's' },
    figure('forecast.pool_to_augurs', pooled / rival, null),
  ]
}

async function secondsOf(series: ForecastTask['series'], threads: number): Promise<number> {
  const cutOff = dayText(dayNumber(FIRST_DAY) + 7 * HISTORY_WEEKS - 1)
  return secondsIn(
    threads,
    programPart('processors/forecast/forecast.worker.ts'),
    series,
    async (pool, part) => {
      const task: ForecastTask = { series: part, step: 'week', cutOff }
      const answers: SeriesForecast[] = await pool.run(task)
      return answers.map(({ point }) => point)
    },
  )
}

function secondsOfAugurs(series: ForecastTask['series'], threads: number): Promise<number> {
  return secondsIn(threads, benchPart('analytics/augurs.worker.ts'), series, (pool, part) =>
    pool.run({ series: part.map(({ values }) => values), horizon: POOLED_HORIZON } satisfies AugursTask),
  )
}

async function secondsIn(
  threads: number,
  { file, execArgv }: ProgramPart,
  series: ForecastTask['series'],
  run: (pool: Piscina, some: ForecastTask['series']) => Promise<Float64Array[]>,
): Promise<number> {
  const pool = new Piscina({ filename: file, execArgv, minThreads: threads, maxThreads: threads })
  try {
    await Promise.all(Array.from({ length: threads }, () => run(pool, series.slice(0, TASK_SERIES))))
    const begin = performance.now()
    const parts = Array.from({ length: Math.ceil(series.length / TASK_SERIES) }, (_, k) =>
      series.slice(k * TASK_SERIES, (k + 1) * TASK_SERIES),
    )
    const points = (await Promise.all(parts.map((some) => run(pool, some)))).flat()
    ok(points.length === series.length)
    ok(points.every((point) => point.length === POOLED_HORIZON && point.every(Number.isFinite)))
    return (performance.now() - begin) / 1000
  } finally {
    await pool.destroy()
  }
}

function measureNowcast(): Measurement[] {
  return scoreNowcasts(NOWCAST_FROM).flatMap(({ series, hour, days, ...score }) => {
    const said = Object.entries(score).map(([name, value]) => `${name} ${value.toFixed(3)}`)
    console.log(`forecast: ${series} at ${hour}:00 of ${days} days  ${said.join('  ')}`)
    const name = `forecast.nowcast_${series}_${hour}h`
    return [
      figure(`${name}_wape`, score.wape, null),
      figure(`${name}_to_last_week`, score.wape / score.wapeLastWeek, 1),
      figure(`${name}_coverage80`, score.coverage80, 0.8, false),
    ]
  })
}

/** Sales with a drifting level, a season before Christmas and noise; the same in every run. */
function shopSeries(count: number): ForecastTask['series'] {
  let state = 20_240_101
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const bell = () => uniform() + uniform() + uniform() + uniform() - 2
  return Array.from({ length: count }, (_, id) => {
    let level = Math.log(1_000) + bell()
    const values = Float64Array.from({ length: HISTORY_WEEKS }, (_, week) => {
      level += 0.03 * bell()
      const season = 0.4 * Math.max(0, Math.cos((2 * Math.PI * (week - 50)) / WEEKS)) ** 4
      return Math.exp(level + season + 0.12 * bell())
    })
    return { id: String(id), firstDay: FIRST_DAY, values }
  })
}

function figure(name: string, value: number, aim: number | null, lowerIsBetter = true): Measurement {
  return { name, value, unit: 'score', aim, lowerIsBetter }
}

function printScore(name: string, score: M4Score, ms?: number): void {
  const figures = `sMAPE ${score.smape.toFixed(3)}  MASE ${score.mase.toFixed(3)}  OWA ${score.owa.toFixed(3)}`
  console.log(
    `forecast: ${name.padEnd(22)} ${figures}${ms === undefined ? '' : `  ${ms.toFixed(2)} ms a series`}`,
  )
}
