/**
 * The pace of each tenant's today, live. One member of a group looks every few seconds.
 *
 * 1. With the first forecast of a day, and with each newer one, former days are read and the band of the whole day is
 *    stored. A forecast may be made a day before it is needed; of an older one nothing is said of the day.
 * 2. Where the day ends is reckoned anew at each look, and stored where it is another than it was: at night
 *    it is not, but for a word every ten minutes that says that somebody reckons.
 * 3. Rows of the same minute replace each other, so that a day leaves at most as many as it has minutes, whoever leads.
 */
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { readDaySums } from '../../clickhouse/queries/read-day-series.ts'
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { readLastForecasts } from '../../clickhouse/queries/read-forecasts.ts'
import { readDayForecast, readLastBands } from '../../clickhouse/queries/read-pace.ts'
import { readQuarters } from '../../clickhouse/queries/read-quarters.ts'
import { readingDatabase } from '../../clickhouse/shards.ts'
import type { PaceSeries } from '../../core/contracts/pace.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { formatDay, localDay, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { leadLooks } from '../lead-looks.ts'
import { type TenantTime, tenantTime } from '../tenant-time.ts'
import { dayClock } from './day-clock.ts'
import { formerDays, seriesPace } from './day-pace.ts'
import type { FollowForecastsOptions } from './follow-forecasts.ts'
import { bandRows, nowcastRow, type PaceOccasion, type PaceOfSeries } from './pace-rows.ts'

export interface FollowPaceOptions
  extends Pick<
    FollowForecastsOptions,
    'warehouse' | 'database' | 'run' | 'log' | 'tenants' | 'clock' | 'logger' | 'signal'
  > {
  limits?: Partial<PaceLimits>
  /** After each look; for tests. */
  onLook?: () => void
}

export interface PaceLimits {
  lookIntervalMs: number
  /** What is as it was is stored again after so long. */
  againAfterMs: number
}

const TOPIC = 'orders'
const LIMITS: PaceLimits = { lookIntervalMs: 15_000, againAfterMs: 600_000 }
/** Tenants of one look, those that waited longest first. */
const MAX_READ = 16
/** Days from a forecast's cut-off to the day: the day after it, and while the next forecast is made the one behind that. */
const MAX_HORIZON = 2
const MINUTE_MS = 60_000

/** Resolves when the signal came and nothing runs any more. */
export function followPace(options: FollowPaceOptions): Promise<void> {
  const running = { ...options, limits: { ...LIMITS, ...options.limits } }
  return leadLooks(options, {
    ...{ group: `pace-${options.run}`, complaint: 'the pace of the day is told later' },
    intervalMs: running.limits.lookIntervalMs,
    open: (signal) => open({ ...running, signal }),
    look: async (follower) => {
      await look(follower)
      options.onLook?.()
      return 'later'
    },
  })
}

interface Running extends FollowPaceOptions {
  limits: PaceLimits
}

interface TenantState {
  tenant: TenantConfig
  /** Day and revision of the band that is stored. */
  stored: string
  /** Those of the pace in memory. */
  opened: string
  paces: PaceOfSeries[]
  /** What was stored last, but for its moment. */
  told: string
  toldAt: number
  lookedAt: number
}

interface Follower {
  options: Running
  /** Where to read from. */
  database: string
  time: TenantTime
  states: TenantState[]
}

async function open(options: Running): Promise<Follower> {
  const { warehouse, log, tenants, clock } = options
  const database = readingDatabase(warehouse, options.database)
  const time = tenantTime(warehouse, { database, topic: TOPIC }, () => log.partitions(TOPIC), clock)
  const bands = new Map((await readLastBands(warehouse, { database })).map((band) => [band.tenant, band]))
  const states = [...tenants.values()].map((tenant) => {
    const band = bands.get(tenant.id)
    const stored = band === undefined ? '' : keyOf(band.day, band.revision)
    return { tenant, stored, opened: '', paces: [], told: '', toldAt: 0, lookedAt: 0 }
  })
  return { options, database, time, states }
}

const keyOf = (day: string, revision: number) => `${day}/${revision}`

async function look(follower: Follower): Promise<void> {
  const { options, database, time, states } = follower
  const { warehouse, clock, signal, limits } = options
  await time.refresh()
  const last = new Map((await readLastForecasts(warehouse, { database })).map((one) => [one.tenant, one]))
  const due = states.flatMap((state) => {
    const occasion = occasionOf(state.tenant, time, clock.now())
    const forecast = last.get(state.tenant.id)
    const horizon = forecast && parseDay(occasion.day) - parseDay(forecast.cutOff)
    if (forecast === undefined || !(horizon! >= 1 && horizon! <= MAX_HORIZON)) return []
    return [{ state, occasion, key: keyOf(occasion.day, forecast.revision) }]
  })
  due.sort((a, b) => a.state.lookedAt - b.state.lookedAt)
  const told: { state: TenantState; rows: object[]; text: string }[] = []
  for (const { state, occasion, key } of due.slice(0, MAX_READ)) {
    if (signal.aborted) return
    state.lookedAt = clock.now()
    if (state.opened !== key) await openDay(follower, state, occasion, key)
    if (state.paces.length === 0) continue
    const { rows, text } = await reckon(follower, state, occasion)
    if (text !== state.told || clock.now() - state.toldAt >= limits.againAfterMs)
      told.push({ state, rows, text })
  }
  await insert(
    'nowcasts',
    told.flatMap(({ rows }) => rows),
    options,
  )
  for (const { state, text } of told) Object.assign(state, { told: text, toldAt: clock.now() })
}

interface Moment extends PaceOccasion {
  elapsedMinutes: number
}

/** Where the tenant's now is. */
function occasionOf(tenant: TenantConfig, time: TenantTime, at: number): Moment {
  const nowMs = time.now(tenant.id)
  const day = localDay(nowMs, tenant.timeZone)
  const [startMs, endMs] = [day, day + 1].map((each) => startOfLocalDay(each, tenant.timeZone)) as [
    number,
    number,
  ]
  return {
    ...{ tenant, day: formatDay(day), at },
    minutes: (endMs - startMs) / MINUTE_MS,
    clock: dayClock({ startMs, endMs }, tenant.timeZone),
    elapsedMinutes: (nowMs - startMs) / MINUTE_MS,
  }
}

/** Reads what the day's pace is made of; its band is stored unless that is there. */
async function openDay(
  follower: Follower,
  state: TenantState,
  occasion: PaceOccasion,
  key: string,
): Promise<void> {
  const { options, database } = follower
  const { warehouse } = options
  const { tenant, day } = occasion
  const scope = scopeOf(tenant, database)
  const firstDay = await readFirstDay(warehouse, scope)
  const days = formerDays(parseDay(day), parseDay(firstDay ?? day)).map((one) => ({
    day: formatDay(one),
    startMs: startOfLocalDay(one, tenant.timeZone),
    endMs: startOfLocalDay(one + 1, tenant.timeZone),
  }))
  const [forecasts, former] = await Promise.all([
    readDayForecast(warehouse, { ...scope, day, horizon: MAX_HORIZON }),
    readQuarters(warehouse, scope, days),
  ])
  const clocks = days.map((one) => dayClock(one, tenant.timeZone))
  state.paces = forecasts.flatMap(({ series, cutOff, revision, value, high80 }) => {
    const expected = { point: Number(value), high80: Number(high80) }
    const pace = seriesPace(
      series,
      expected,
      former.map((quarters, at) => clocks[at]!.byClock(quarters[series])),
    )
    return pace === undefined ? [] : [{ series, cutOff, revision, pace }]
  })
  if (state.stored !== key)
    await insert(
      'pace_bands',
      state.paces.flatMap((of) => bandRows(of, occasion)),
      options,
    )
  Object.assign(state, { stored: key, opened: key, told: '' })
}

async function reckon({ options, database }: Follower, state: TenantState, occasion: Moment) {
  const { day, elapsedMinutes, tenant } = occasion
  const [sums] = await readDaySums(options.warehouse, { ...scopeOf(tenant, database), from: day, to: day })
  const soFar: Record<PaceSeries, number> = {
    revenue: Number(sums?.revenue ?? 0),
    orders: sums?.orders ?? 0,
  }
  const rows = state.paces.map((of) => nowcastRow(of, occasion, { soFar: soFar[of.series], elapsedMinutes }))
  return { rows, text: JSON.stringify(rows.map(({ minute: _, at: __, ...rest }) => rest)) }
}

const scopeOf = ({ id, currency }: TenantConfig, database: string) =>
  ({ database, tenant: id, currency, axis: 'booked' }) as const

function insert(
  table: string,
  rows: readonly object[],
  { warehouse, database, run, clock }: Running,
): Promise<void> {
  return insertRows(warehouse, `${database}.${table}`, rows, `${run}:${table}:${clock.now()}`)
}
