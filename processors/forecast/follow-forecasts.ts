/**
 * Forecasts, live. One member of a group looks at each tenant's days every few seconds, and forecasts the eight weeks
 * behind the last complete one anew when there is a new one, or when the past is materially another than it was: by day,
 * and behind the last whole week by week.
 *
 * 1. A day is complete when the tenant's now is behind it: the wall clock, or in a replay its event time. While that runs
 *    through history, the forecast waits for it to come to rest.
 * 2. The computing is done in one thread beside, one group of series after the other; a series that fails is told and left
 *    out, and the others are written.
 * 3. Events go before rows, and the models of days, which say that all of it is there, come last. After a crash the same
 *    revision is made again; the tables keep one.
 * 4. Another process that takes over reads what was stored, and makes nothing anew where the days are the same.
 */
import type { Counter, Registry } from 'prom-client'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import {
  FORECAST_TABLES,
  type LastForecast,
  readLastForecasts,
} from '../../clickhouse/queries/read-forecasts.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { FORECAST_MIN_DAYS, FORECAST_STEPS, type ForecastStep } from '../../core/contracts/results.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { createTaskPool, type TaskPool } from '../../core/runtime/task-pool.ts'
import { type DayReading, followDays, type TenantDays } from '../follow-days.ts'
import type { HolidayBook } from '../holiday-book.ts'
import { sendEvents } from '../send-events.ts'
import { forecastGroup } from './forecast-group.ts'
import { forecastCounter } from './forecast-metrics.ts'
import type { SeriesForecast } from './forecast-request.ts'
import {
  forecastEvents,
  forecastRows,
  idOf,
  modelRow,
  type NamedForecast,
  type Occasion,
} from './forecast-rows.ts'
import { DEFAULT_HORIZON } from './forecast-series.ts'
import type { ForecastTask } from './forecast-task.ts'
import { readNamedDays } from './named-days.ts'
import { type NamedSeries, type SplitFigures, type StepSpan, seriesIn, spanOf } from './step-series.ts'
import { isMaterial, readHistory, readSplits, type TenantHistory } from './tenant-series.ts'

export type ForecastPool = Pick<TaskPool<ForecastTask, SeriesForecast[]>, 'run' | 'close'>

export interface FollowForecastsOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, TenantConfig>
  holidays: HolidayBook
  clock: Clock
  logger: Logger
  signal: AbortSignal
  registry: Registry
  limits?: Partial<ForecastLimits>
  /** Else a thread of its own, started with the first forecast. It is closed at the end. */
  pool?: ForecastPool
  /** After each look, with what it made; for tests. */
  onLook?: (made: ForecastsMade | undefined) => void
}

export interface ForecastLimits {
  lookIntervalMs: number
  /** A tenant's past days are read again at most so often. */
  checkIntervalMs: number
  /** Between two forecasts of a tenant. */
  minIntervalMs: number
  /** The same while its now runs through history. */
  unsettledIntervalMs: number
}

export interface ForecastsMade {
  tenant: string
  revision: number
  /** YYYY-MM-DD. */
  cutOff: string
  /** Forecasts of series, by day and by week. */
  series: number
  failed: number
}

const LIMITS: ForecastLimits = {
  lookIntervalMs: 5_000,
  checkIntervalMs: 60_000,
  minIntervalMs: 120_000,
  unsettledIntervalMs: 600_000,
}
/** Of one group of series; it is halved then. */
const TIMEOUT_MS = 120_000
const MEMORY_MB = 512
/** Forecasts whose events are one step of the log: a quarter of a megabyte. */
const SENT_AT_ONCE = 10

/** Resolves when the signal came and nothing runs any more. */
export async function followForecasts(options: FollowForecastsOptions): Promise<void> {
  const { run, registry, clock, pool = openThread(registry, clock) } = options
  const counter = forecastCounter(registry)
  const running: Running = { ...options, limits: { ...LIMITS, ...options.limits }, counter, pool }
  try {
    await followDays(options, {
      ...{ name: 'forecasts', run, complaint: 'forecasts are made later' },
      lookIntervalMs: running.limits.lookIntervalMs,
      restore: (database) => restore(running, database),
      isDue: (state, cutOff) => isToBeRead(state, cutOff, running),
      make: (state, cutOff, reading) => makeWhereOther({ ...running, reading }, state, cutOff),
      onLook: options.onLook,
    })
  } finally {
    await pool.close()
  }
}

function openThread(registry: Registry, clock: Clock): ForecastPool {
  const part = 'processors/forecast/forecast.worker.ts'
  const bounds = { threads: 1, timeoutMs: TIMEOUT_MS, memoryMb: MEMORY_MB }
  return createTaskPool({ name: 'forecasts', part, ...bounds, registry, clock })
}

interface Running extends Omit<FollowForecastsOptions, 'limits'> {
  limits: ForecastLimits
  counter: Counter<'outcome'>
  pool: ForecastPool
}

interface TenantState extends TenantDays {
  fingerprint: string
  /** The days that the newest forecast was made from, once they were read here. */
  history?: TenantHistory
}

/** One look of whoever leads. */
interface Looking extends Running {
  reading: DayReading
}

async function restore(
  { warehouse, tenants, clock, limits }: Running,
  database: string,
): Promise<TenantState[]> {
  const last = new Map((await readLastForecasts(warehouse, { database })).map((one) => [one.tenant, one]))
  const madeAt = clock.now() - limits.minIntervalMs
  return [...tenants.values()].map((tenant) => ({
    ...{ tenant, ...storedOf(last.get(tenant.id)) },
    ...{ seen: Number.NaN, madeAt, readAt: 0 },
  }))
}

function storedOf(last: LastForecast | undefined) {
  return {
    cutOff: last === undefined ? Number.NaN : parseDay(last.cutOff),
    revision: last?.revision ?? 0,
    fingerprint: last?.history ?? '',
  }
}

async function makeWhereOther(
  looking: Looking,
  state: TenantState,
  cutOff: number,
): Promise<ForecastsMade | undefined> {
  const history = await readHistoryOf(state.tenant, cutOff, looking)
  if (history === undefined || cutOff - history.firstDay + 1 < FORECAST_MIN_DAYS) return undefined
  return isOther(state, history) ? refresh(looking, state, history) : undefined
}

function readHistoryOf(
  tenant: TenantConfig,
  cutOff: number,
  { warehouse, holidays, reading }: Looking,
): Promise<TenantHistory | undefined> {
  const { database } = reading
  const to = formatDay(cutOff + DEFAULT_HORIZON.day)
  return readHistory(warehouse, scopeOf(tenant, reading), cutOff, (from) =>
    readNamedDays(warehouse, { database, tenant }, holidays, { from, to }),
  )
}

function isToBeRead(state: TenantState, cutOff: number, { clock, limits }: Running): boolean {
  const since = clock.now() - state.madeAt
  // A replay that begins anew goes back in time: that is another day too.
  if (cutOff === state.cutOff)
    return since >= limits.minIntervalMs && clock.now() - state.readAt >= limits.checkIntervalMs
  return since >= (cutOff === state.seen ? limits.minIntervalMs : limits.unsettledIntervalMs)
}

function isOther(state: TenantState, history: TenantHistory): boolean {
  if (history.cutOff !== state.cutOff) return true
  if (state.history !== undefined) return isMaterial(state.history, history)
  if (history.fingerprint !== state.fingerprint) return true
  state.history = history
  return false
}

async function refresh(looking: Looking, state: TenantState, history: TenantHistory): Promise<ForecastsMade> {
  const { warehouse, log, clock, counter, logger } = looking
  const { tenant } = state
  state.madeAt = clock.now()
  const splits = await readSplits(warehouse, scopeOf(tenant, looking.reading), history, (dimension) =>
    logger.warn('orders and tickets have no forecast by this: to read them takes more than a minute', {
      ...{ tenant: tenant.id, dimension },
    }),
  )
  const made: Made[] = []
  for (const step of FORECAST_STEPS)
    made.push(await forecastSteps(step, splits, { tenant, history, looking }))
  const revision = state.revision + 1
  const { cutOff, fingerprint } = history
  const at = clock.now()
  const written = made.map(({ span, forecasts }) => ({
    occasion: { tenant, revision, fingerprint, span, at },
    forecasts,
  }))
  for (const { occasion, forecasts } of written)
    for (let from = 0; from < forecasts.length; from += SENT_AT_ONCE) {
      const some = forecasts.slice(from, from + SENT_AT_ONCE)
      await sendEvents(
        log,
        'forecasts',
        some.flatMap((forecast) => forecastEvents(forecast, occasion)),
      )
    }
  // Days last.
  for (const what of ['points', 'models'] as const)
    for (const { occasion, forecasts } of written.toReversed())
      await insert(what, forecasts, occasion, looking)
  Object.assign(state, { cutOff, revision, fingerprint, history, madeAt: clock.now() })
  const series = made.reduce((sum, { forecasts }) => sum + forecasts.length, 0)
  const failed = made.reduce((sum, one) => sum + one.failed, 0)
  counter.inc({ outcome: 'made' }, series)
  counter.inc({ outcome: 'failed' }, failed)
  return { tenant: tenant.id, revision, cutOff: formatDay(cutOff), series, failed }
}

interface Made {
  span: StepSpan
  forecasts: NamedForecast[]
  failed: number
}

interface Forecasting {
  tenant: TenantConfig
  history: TenantHistory
  looking: Looking
}

async function forecastSteps(
  step: ForecastStep,
  splits: readonly (readonly SplitFigures[])[],
  forecasting: Forecasting,
): Promise<Made> {
  const { firstDay, cutOff } = forecasting.history
  const span = spanOf(step, firstDay, cutOff)
  const groups = seriesIn(span, splits, firstDay)
  const forecasts: NamedForecast[] = []
  for (const group of groups) forecasts.push(...(await forecastNamed(group, span, forecasting)))
  return { span, forecasts, failed: groups.flat().length - forecasts.length }
}

async function forecastNamed(
  group: readonly NamedSeries[],
  { step, firstDay, cutOff }: StepSpan,
  { tenant, history: { holidays, promotions }, looking: { pool, logger, reading } }: Forecasting,
): Promise<NamedForecast[]> {
  const named = new Map(group.map(({ values, ...name }) => [idOf(name), { name, past: values }]))
  const series = group.map((one) => ({
    ...{ id: idOf(one), firstDay: formatDay(firstDay), values: one.values },
    promotions,
  }))
  const forecasts = await forecastGroup(
    { series, step, cutOff: formatDay(cutOff), holidays },
    {
      run: (task) => pool.run(task, { lane: 'batch', signal: reading.signal }),
      onFailed: (id, error) =>
        logger.warn('a series has no forecast', {
          ...{ tenant: tenant.id, series: id, step },
          ...{ code: errorCode(error), why: errorMessage(error) },
        }),
    },
  )
  return forecasts.map((forecast) => ({ ...forecast, ...named.get(forecast.id)! }))
}

const scopeOf = ({ id, currency }: TenantConfig, { database }: DayReading) =>
  ({ database, tenant: id, currency, axis: 'booked' }) as const

const ROWS = {
  points: forecastRows,
  models: (forecast: NamedForecast, occasion: Occasion) => [modelRow(forecast, occasion)],
}

function insert(
  what: 'points' | 'models',
  forecasts: readonly NamedForecast[],
  occasion: Occasion,
  { warehouse, database, run, clock }: Running,
): Promise<void> {
  const { tenant, revision, span } = occasion
  const table = FORECAST_TABLES[span.step][what]
  const rows = forecasts.flatMap((forecast) => ROWS[what](forecast, occasion))
  const queryId = `${run}:${table}:${tenant.id}:${revision}:${clock.now()}`
  return insertRows(warehouse, `${database}.${table}`, rows, queryId)
}
