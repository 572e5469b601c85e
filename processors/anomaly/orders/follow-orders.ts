/**
 * Unusual orders, live. One member of a group follows the marks of `orders`: it compares each order with what came before
 * it, learns from it, and tells those that stand out.
 *
 * 1. Events go before rows. A crash in between tells an order twice, with the same id; the other way round it would be lost.
 * 2. The rows of a look go before the marks that it reached, which stand in one insert with the day's tally: what was cut
 *    off is looked at again, and orders that have a row are not told again.
 * 3. A look takes the newest marks and a bounded number of orders. Where there are more, it takes a part, always the same
 *    one, and counts the others as skipped: it is never behind.
 * 4. What is older than a day by the tenant's now is learned from and never told: nobody acts on it any more.
 */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import { insertRows } from '../../../clickhouse/insert-rows.ts'
import { readScoredMarks, readScoringDays } from '../../../clickhouse/queries/read-anomalies.ts'
import { type BatchMark, type BuyerScope, readNewMarks } from '../../../clickhouse/queries/read-buyers.ts'
import { countNewOrders, type NewOrder } from '../../../clickhouse/queries/read-new-orders.ts'
import { readingDatabase } from '../../../clickhouse/shards.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import type { AnomalyConfig } from '../../../core/runtime/anomaly-settings.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { errorMessage } from '../../../core/runtime/errors.ts'
import { formatDay, localDay } from '../../../core/runtime/local-time.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import { createTaskPool } from '../../../core/runtime/task-pool.ts'
import { leadLooks } from '../../lead-looks.ts'
import { type TenantTime, tenantTime } from '../../tenant-time.ts'
import { judgeOrders } from './judge-orders.ts'
import type { OrderPool } from './order-model.ts'
import type { WatchedOrder } from './order-watch.ts'
import { readShare } from './read-share.ts'
import { isRefitDue, refit } from './refit.ts'
import { type ScoringMetrics, scoringMetrics } from './scoring-metrics.ts'
import { type Look, markRows, onDay } from './scoring-tally.ts'
import { type Told, tellAnomalies } from './tell-anomalies.ts'
import { meet, openTenant, type TenantOptions, tenantRow, type WatchedTenant } from './watched-tenant.ts'

export interface OrderScoringOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, TenantConfig>
  config: AnomalyConfig
  /** Where the wall is, for the links of events: an origin. */
  wall: string
  clock: Clock
  logger: Logger
  registry: Registry
  signal: AbortSignal
  /** Orders that a look takes; for tests. */
  maxOrders?: number
  /** After each look that took a batch; for tests. */
  onLook?: () => void
}

const TOPIC = 'orders'
const LOOK_INTERVAL_MS = 1_000
/** It works for a tenth of the time at the most: in a burst most orders are skipped anyhow. */
const REST = 9
/** Orders of one customer stand in several partitions: what came at the same moment is judged in the order of its instants. */
const SETTLING_MS = 300
/** Of all tenants: a tenth of a second's work. */
const MAX_ORDERS = 2_000
/** Of all tenants; about half a kilobyte each. */
const MAX_CUSTOMERS = 100_000
/** Of which nothing else runs in between: a few milliseconds. */
const AT_ONCE = 100
const DAY_MS = 86_400_000

/** Resolves when the signal came and nothing runs any more. */
export async function followOrders(options: OrderScoringOptions): Promise<void> {
  const { run, registry } = options
  const part = 'processors/anomaly/orders/fit-orders.worker.ts'
  const pool: OrderPool = createTaskPool({ name: 'order_models', part, threads: 1, registry })
  const metrics = scoringMetrics(registry)
  try {
    await leadLooks(options, {
      ...{ group: `anomalies-${run}`, complaint: 'orders are judged later' },
      intervalMs: LOOK_INTERVAL_MS,
      open: (signal) => open({ ...options, signal }, pool, metrics),
      look: async (follower) => {
        await look(follower)
        return 'later'
      },
      rest: ({ waitedMs }, tookMs) => REST * (tookMs - waitedMs),
      // A fit that goes on would store a model that the next one does not know of.
      close: async ({ watched }) => {
        await Promise.all([...watched.values()].map(({ fitting }) => fitting))
      },
    })
  } finally {
    await pool.close()
  }
}

interface Follower {
  options: OrderScoringOptions
  opening: TenantOptions
  scope: BuyerScope
  time: TenantTime
  metrics: ScoringMetrics
  watched: Map<string, WatchedTenant>
  marks: Map<number, BatchMark>
  step: number
  /** Of the last look, for orders to settle. */
  waitedMs: number
}

/** Before the first time there are no marks: then it begins at the newest, having learned from what is there. */
async function open(
  options: OrderScoringOptions,
  pool: OrderPool,
  metrics: ScoringMetrics,
): Promise<Follower> {
  const { warehouse, tenants, log, config, clock, logger } = options
  const database = readingDatabase(warehouse, options.database)
  const currencies = new Map([...tenants].map(([id, { currency }]) => [id, currency]))
  const scope = { database, topic: TOPIC, currencies }
  const stored = await readScoredMarks(warehouse, { database })
  const begun = stored.marks.size > 0
  const newest = begun ? undefined : await readNewMarks(warehouse, scope, new Map(), log.partitions(TOPIC))
  const marks = new Map(newest?.marks ?? stored.marks)
  const maxCustomers = Math.max(1_000, Math.floor(MAX_CUSTOMERS / tenants.size))
  const opening = { warehouse, database, scope, marks, config, pool, logger, maxCustomers }
  const time = tenantTime(warehouse, scope, () => log.partitions(TOPIC), clock)
  await time.refresh()
  const follower = {
    options,
    opening,
    scope,
    time,
    metrics,
    watched: new Map(),
    marks,
    step: stored.step,
    waitedMs: 0,
  }
  const days = new Map((await readScoringDays(warehouse, { database })).map((day) => [day.tenant, day]))
  for (const tenant of tenants.values()) {
    if (options.signal.aborted) return follower
    const opened = await openTenant(tenant, days.get(tenant.id), opening)
    opened.tally = onDay(opened.tally, dayOf(tenant, time))
    follower.watched.set(tenant.id, opened)
    refitIfDue(follower, opened)
  }
  await store(follower, [...follower.watched.values()])
  return follower
}

async function look(follower: Follower): Promise<void> {
  const { options, scope, marks, watched, time, metrics } = follower
  const { warehouse, log, onLook } = options
  await time.refresh()
  const read = () => readNewMarks(warehouse, scope, marks, log.partitions(TOPIC))
  follower.waitedMs = 0
  if ((await read()) === undefined) return storeNews(follower)
  const beganAt = options.clock.now()
  await options.clock.sleep(SETTLING_MS, options.signal)
  follower.waitedMs = options.clock.now() - beganAt
  const found = (await read())!
  const counts = await countNewOrders(warehouse, scope, marks, found)
  const { maxOrders = MAX_ORDERS } = options
  const orders = await readShare(warehouse, scope, { from: marks, to: found }, counts, maxOrders)
  const touched = [...counts].map(([tenant, all]) => ({ all, one: watched.get(tenant)! }))
  const told: Told[] = []
  for (const { all, one } of touched) {
    const own = orders.get(one.tenant.id) ?? []
    told.push(...(await judgeTenant(follower, one, own, all)))
    metrics.count('skipped', all - own.length)
  }
  await tellAnomalies(told, {
    ...options,
    database: scope.database,
    insert: (table, rows) => insert(table, rows, options),
  })
  for (const [partition, mark] of found.marks) marks.set(partition, mark)
  await store(
    follower,
    touched.map(({ one }) => one),
  )
  for (const { one } of touched) refitIfDue(follower, one)
  onLook?.()
}

/** Another model, or another day, while no orders come. */
async function storeNews(follower: Follower): Promise<void> {
  const { watched, time } = follower
  const news = [...watched.values()].filter((one) => {
    const tally = onDay(one.tally, dayOf(one.tenant, time))
    const isNews = tally !== one.tally || one.model?.version !== one.toldVersion
    one.tally = tally
    return isNews
  })
  if (news.length > 0) await store(follower, news)
}

async function judgeTenant(
  { options, opening, time, metrics }: Follower,
  one: WatchedTenant,
  orders: readonly NewOrder[],
  all: number,
): Promise<Told[]> {
  const { tenant, watch, model } = one
  const { config, clock, wall } = options
  const nowMs = time.now(tenant.id)
  const day = dayOf(tenant, time)
  await meet(tenant, watch, orders, opening)
  const watched: WatchedOrder[] = []
  for (const order of orders) {
    watched.push(watch.observe(order, all / orders.length))
    // The page's frames leave from this thread as well.
    if (watched.length % AT_ONCE === 0) await nextTurn()
  }
  const fresh = model === undefined ? [] : watched.filter(({ order }) => order.placedAtMs > nowMs - DAY_MS)
  const tally = onDay(one.tally, day)
  const limits = { ...config, ordersPerDay: watch.ordersPerDay(), day }
  const judged =
    model === undefined
      ? { state: tally.budget, found: [] }
      : await judgeOrders(model, fresh, tally.budget, limits)
  one.tally = {
    budget: judged.state,
    scored: tally.scored + fresh.length,
    learned: tally.learned + orders.length - fresh.length,
    skipped: tally.skipped + all - orders.length,
  }
  metrics.count('scored', fresh.length)
  metrics.count('learned', orders.length - fresh.length)
  metrics.count('told', judged.found.length)
  metrics.count('withheld', judged.state.withheld - tally.budget.withheld)
  const finding = {
    tenant: tenant.id,
    currency: tenant.currency,
    atMs: clock.now(),
    nowMs,
    day: formatDay(day),
    wall,
  }
  return judged.found.map((found) => ({ found, finding: { ...finding, model: model! } }))
}

/** Where the marks are now, and the tallies of those whose orders came. */
async function store(follower: Follower, touched: readonly WatchedTenant[]): Promise<void> {
  const { options, marks } = follower
  follower.step += 1
  const now: Look = { step: follower.step, atMs: options.clock.now() }
  const tallies = touched.map((one) => tenantRow(one, options.config.dailyBudget, now))
  const versions = touched.map(({ model }) => model?.version)
  await insert('order_scorings', [...markRows(marks, now), ...tallies], options)
  touched.forEach((one, at) => {
    one.toldVersion = versions[at]
  })
}

/** Beside the looks: the model is another one from one look to the next. */
function refitIfDue({ options, opening }: Follower, one: WatchedTenant): void {
  const { clock, logger, config, signal } = options
  if (one.fitting !== undefined || !isRefitDue(one, clock.now())) return
  one.fittedAtMs = clock.now()
  one.lastVersion += 1
  const task = {
    ...{ tenant: one.tenant.id, engine: config.engine, watch: one.watch, pool: opening.pool, clock, signal },
    store: (row: object) => insert('anomaly_models', [row], options),
  }
  one.fitting = refit(task, one.lastVersion)
    .then((model) => {
      one.model = model
      one.seenAtFit = model.seen
    })
    .catch((error) => {
      if (!signal.aborted) logger.warn('a model of orders is fitted later', { why: errorMessage(error) })
    })
    .finally(() => {
      one.fitting = undefined
    })
}

function dayOf({ id, timeZone }: TenantConfig, time: TenantTime): number {
  return localDay(time.now(id), timeZone)
}

let inserts = 0

function insert(table: string, rows: readonly object[], options: OrderScoringOptions): Promise<void> {
  const { warehouse, database, run, clock } = options
  inserts += 1
  return insertRows(warehouse, `${database}.${table}`, rows, `${run}:${table}:${clock.now()}:${inserts}`)
}
