/**
 * Metrics watched live. One member of a group follows the marks of `orders`: when a bucket of a tenant's local time is
 * complete it judges revenue, orders, ticket and refunds, of the whole and by source and region, and keeps the incidents.
 *
 * 1. What the sources told is read first and what was booked behind it, so that a bucket is whole when it is judged.
 * 2. Events go before rows, and the rows of incidents before what says how far the series are. What a crash cuts off is
 *    judged again, and told with the same ids.
 * 3. What is older than a day by the tenant's now is learned from and never told; so is all before there are two weeks.
 * 4. While history is loaded nothing is watched: it is read as a whole when that is over.
 */
import type { Registry } from 'prom-client'
import { insertRows } from '../../../clickhouse/insert-rows.ts'
import { type BatchMark, readNewMarks } from '../../../clickhouse/queries/read-buyers.ts'
import { readMetricWatches, readOpenIncidents } from '../../../clickhouse/queries/read-incidents.ts'
import { type Mark, readMarks } from '../../../clickhouse/queries/read-marks.ts'
import { readMetricChanges } from '../../../clickhouse/queries/read-metric-buckets.ts'
import { sourceStates } from '../../../clickhouse/queries/source-states.ts'
import { readingDatabase } from '../../../clickhouse/shards.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { STALE_AFTER_MS } from '../../../core/contracts/source-progress.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import type { HolidayBook } from '../../holiday-book.ts'
import { leadLooks } from '../../lead-looks.ts'
import { sendEvents } from '../../send-events.ts'
import { applyCommand, type CommandReader, openCommands } from './alert-commands.ts'
import { IncidentBook } from './incident-book.ts'
import { incidentEvent, incidentRow, keptOf, seriesEvent, watchRow } from './incident-rows.ts'
import { isProcessorBehind, readEndedSources } from './silence-doubts.ts'
import { SILENT_FOR_MS } from './source-silence.ts'
import { type BegunAlarm, type Shop, type ShopContext, stepShop } from './step-shop.ts'
import { LATE_DAYS } from './tenant-metrics.ts'
import { type WatchCounters, watchCounters } from './watch-counters.ts'
import { standingOf } from './watched-shop.ts'

export interface MetricWatchOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, TenantConfig>
  holidays: HolidayBook
  /** Where the wall is, for the links of events: an origin. */
  wall: string
  clock: Clock
  logger: Logger
  registry: Registry
  signal: AbortSignal
  limits?: Partial<WatchLimits>
  /** After each look; for tests. */
  onLook?: () => void
}

export interface WatchLimits {
  /** What people ask is looked for so often. */
  lookIntervalMs: number
  /** Marks are read so often. */
  marksIntervalMs: number
  /** A source is told to be stale after so long. */
  silentForMs: number
}

const TOPIC = 'orders'
const LIMITS: WatchLimits = { lookIntervalMs: 1_000, marksIntervalMs: 5_000, silentForMs: SILENT_FOR_MS }
const DAY_MS = 86_400_000

/** Resolves when the signal came and nothing runs any more. */
export async function followMetrics(options: MetricWatchOptions): Promise<void> {
  const counters = watchCounters(options.registry)
  const limits = { ...LIMITS, ...options.limits }
  await leadLooks(options, {
    ...{ group: `incidents-${options.run}`, complaint: 'metrics are watched later' },
    intervalMs: limits.lookIntervalMs,
    open: async (signal) => {
      const follower = await open({ ...options, signal }, limits, counters)
      counters.open.lead(() => follower.book.openBySeverity())
      return follower
    },
    look: async (follower) => {
      await look(follower)
      options.onLook?.()
      return 'later'
    },
    close: async () => counters.open.leave(),
  })
}

interface Follower extends ShopContext {
  options: MetricWatchOptions
  limits: WatchLimits
  commands: CommandReader
  shops: Map<string, Shop>
  marks: Map<number, BatchMark>
  /** The newest marks that were read, with what sources told by then. */
  told: Mark[]
  toldAtMs: number
}

async function open(
  options: MetricWatchOptions,
  limits: WatchLimits,
  counters: WatchCounters,
): Promise<Follower> {
  const { warehouse, tenants, holidays, log, run, logger, clock, signal } = options
  const database = readingDatabase(warehouse, options.database)
  const watches = new Map((await readMetricWatches(warehouse, { database })).map((one) => [one.tenant, one]))
  const shops = [...tenants.values()].map((tenant): [string, Shop] => {
    const stored = watches.get(tenant.id)
    const standing = stored && standingOf(stored)
    return [tenant.id, { tenant, metrics: undefined, standing, openedAtMs: Number.NaN }]
  })
  const follower: Follower = {
    ...{ options, limits, warehouse, holidays, signal, silentForMs: limits.silentForMs },
    scope: {
      ...{ database, topic: TOPIC },
      currencies: new Map([...tenants].map(([id, { currency }]) => [id, currency])),
    },
    counters,
    book: new IncidentBook((await readOpenIncidents(warehouse, { database })).map(keptOf)),
    commands: await openCommands(log, run, logger),
    shops: new Map(shops),
    ...{ marks: new Map(), told: [], toldAtMs: Number.NEGATIVE_INFINITY, sinceMs: clock.now() },
    tell: (begun, shop) => tell(follower, begun, shop),
  }
  return follower
}

async function look(follower: Follower): Promise<void> {
  const { options, scope, book, commands, shops, limits } = follower
  const { warehouse, clock, tenants } = options
  const nowMs = clock.now()
  for (const asked of await commands.read())
    if (tenants.has(asked.tenant))
      await applyCommand(asked, book, { warehouse, database: scope.database, nowMs })
  for (const { tenant } of shops.values())
    for (const kept of book.of(tenant.id)) book.step(kept, { type: 'tick', atMs: nowMs })
  await tell(follower, [])
  await commands.commit()
  if (nowMs - follower.toldAtMs < limits.marksIntervalMs) return
  await lookAtMarks(follower)
  follower.toldAtMs = nowMs
}

async function lookAtMarks(follower: Follower): Promise<void> {
  const { options, shops, scope } = follower
  const { warehouse, log, clock } = options
  const partitions = log.partitions(TOPIC)
  const { database } = scope
  const since = follower.told
  // Before what the sources told: whoever spoke meanwhile is not silent.
  const wallMs = clock.now()
  follower.told = await readMarks(warehouse, { database, topic: TOPIC, partitions, since })
  const all = [...shops.values()].map((shop) => ({
    shop,
    states: sourceStates(follower.told, partitions, shop.tenant.id),
  }))
  // Asked only when somebody seems not to answer.
  const isDoubted = all.some(({ states }) =>
    states.some(({ mode, polledAtMs }) => mode === 'live' && wallMs - polledAtMs > STALE_AFTER_MS),
  )
  const ended = isDoubted ? await readEndedSources(log) : new Map<string, Set<string>>()
  const isBehind = isDoubted && (await isProcessorBehind(log, TOPIC, follower.told, wallMs))
  await readBooked(follower)
  for (const { shop, states } of all) {
    if (options.signal.aborted) return
    const moment = { wallMs, ended: ended.get(shop.tenant.id) ?? new Set<string>(), isBehind }
    await stepShop(follower, shop, states, moment)
  }
}

/** What was booked behind the marks, up to now: at the least what the sources told of. */
async function readBooked(follower: Follower): Promise<void> {
  const { options, scope, marks, shops } = follower
  const { warehouse, log } = options
  const found = await readNewMarks(warehouse, scope, marks, log.partitions(TOPIC))
  if (found === undefined) return
  const open = [...shops.values()].filter(({ metrics }) => metrics !== undefined)
  if (open.length > 0) {
    const currencies = new Map(open.map(({ tenant: { id, currency } }) => [id, currency]))
    const sinceMs = Math.min(...open.map(({ metrics }) => metrics!.positionMs)) - (LATE_DAYS + 1) * DAY_MS
    const quarters = await readMetricChanges(warehouse, { ...scope, currencies }, marks, {
      to: found,
      sinceMs,
    })
    for (const { tenant, metrics } of open) metrics!.add(quarters.filter((one) => one.tenant === tenant.id))
  }
  for (const [partition, mark] of found.marks) marks.set(partition, mark)
}

/** What changed since it was told last; and how far a shop is, where it is named. */
async function tell(follower: Follower, begun: readonly BegunAlarm[], shop?: Shop): Promise<void> {
  const { options, book, counters } = follower
  const { log, clock, wall, tenants } = options
  const changes = book.take()
  const atMs = clock.now()
  const telling = (tenant: string) => ({ tenant: tenants.get(tenant)!, atMs, wall })
  // Of a tenant that is not configured any more nobody is told.
  const own = changes.filter(({ kept }) => tenants.has(kept.tenant))
  const told = own.filter(({ notice }) => notice !== null)
  await sendEvents(
    log,
    'anomalies',
    begun.map(({ alarm, kept }) => seriesEvent(alarm, kept, telling(alarm.tenant))),
  )
  await sendEvents(
    log,
    'alerts',
    told.map((change) => incidentEvent(change, telling(change.kept.tenant))),
  )
  const rows = own.map((change) => incidentRow(change, telling(change.kept.tenant)))
  await insert('incident_changes', rows, follower)
  if (shop?.metrics !== undefined) await insert('metric_watches', [watchRow(shop.metrics, atMs)], follower)
  for (const { notice } of told) counters.told(notice!)
}

let inserts = 0

function insert(table: string, rows: readonly object[], { options }: Follower): Promise<void> {
  const { warehouse, database, run, clock } = options
  inserts += 1
  return insertRows(warehouse, `${database}.${table}`, rows, `${run}:${table}:${clock.now()}:${inserts}`)
}
