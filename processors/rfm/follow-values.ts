/**
 * Customers' values, live. One member of a group fits BG/NBD and Gamma-Gamma to each tenant's purchases up to the last
 * complete day, and tells of every customer whether it still comes, and what it will order and bring.
 *
 * 1. Once a tenant's day, when its now has come to rest: history that loads runs through months. Anew on the same day only
 *    where orders of the past have come or gone by more than a hundredth.
 * 2. Purchases are read twice, page by page: as columns to be fitted, then with their customers to be predicted. In between
 *    an order may come: the next day knows it.
 * 3. Customers' rows go before the model's, which says that all is there. After a crash the same revision is made again;
 *    the tables keep one. Who was told of before and has no purchase any more is marked as gone.
 * 4. Another process that takes over reads what was stored, and fits nothing anew where the day is the same.
 */
import type { Registry } from 'prom-client'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import {
  type CustomerPurchases,
  countPurchases,
  type PurchaseScope,
  readPurchases,
} from '../../clickhouse/queries/read-purchases.ts'
import { forgetOlderValues, readLastValueModels } from '../../clickhouse/queries/read-values.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { createTaskPool, type TaskPool } from '../../core/runtime/task-pool.ts'
import { type DayReading, followDays, type TenantDays, TOPIC } from '../follow-days.ts'
import type { ValueModels } from './predict-value.ts'
import { PurchaseColumns } from './purchase-columns.ts'
import { modelRow, type ValueOccasion, valueRows } from './value-rows.ts'
import type { ValueFits, ValueTask, ValueTaskResult } from './value-task.ts'

export type ValuePool = Pick<TaskPool<ValueTask, ValueTaskResult>, 'run' | 'close'>

export interface FollowValuesOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, TenantConfig>
  clock: Clock
  logger: Logger
  signal: AbortSignal
  registry: Registry
  limits?: Partial<ValueLimits>
  /** Else a thread of its own, started with the first fit. It is closed at the end. */
  pool?: ValuePool
  /** After each look, with what it made; for tests. */
  onLook?: (made: ValuesMade | undefined) => void
}

export interface ValueLimits {
  lookIntervalMs: number
  /** Between two fits of a tenant, and two looks at one that has bought nothing. */
  minIntervalMs: number
  /** Whether the past of a day that was fitted is another is asked so often; and it is fitted so often while its now runs. */
  checkIntervalMs: number
}

export interface ValuesMade {
  tenant: string
  revision: number
  /** YYYY-MM-DD. */
  cutOff: string
  customers: number
  isFitted: boolean
}

const LIMITS: ValueLimits = { lookIntervalMs: 5_000, minIntervalMs: 120_000, checkIntervalMs: 600_000 }
/** Of the orders that were fitted: less than this changes nothing that anyone reads. */
const MATERIAL_SHARE = 0.01
/** Of one insert. */
const MAX_ROWS = 10_000
/** Of one task; a million customers are fitted in some seconds. */
const TIMEOUT_MS = 120_000
const MEMORY_MB = 512

/** Resolves when the signal came and nothing runs any more. */
export async function followValues(options: FollowValuesOptions): Promise<void> {
  const { run, registry, clock, pool = openThread(registry, clock) } = options
  const running: Running = { ...options, limits: { ...LIMITS, ...options.limits }, pool }
  try {
    await followDays(options, {
      ...{ name: 'values', run, complaint: 'customers’ values are told later' },
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

function openThread(registry: Registry, clock: Clock): ValuePool {
  const part = 'processors/rfm/values.worker.ts'
  const bounds = { threads: 1, timeoutMs: TIMEOUT_MS, memoryMb: MEMORY_MB }
  return createTaskPool({ name: 'values', part, ...bounds, registry, clock })
}

interface Running extends Omit<FollowValuesOptions, 'limits'> {
  limits: ValueLimits
  pool: ValuePool
}

interface TenantState extends TenantDays {
  /** Of the newest fit. */
  orders: number
}

/** One look of whoever leads. */
interface Looking extends Running {
  reading: DayReading
}

async function restore(
  { warehouse, tenants, clock, limits }: Running,
  database: string,
): Promise<TenantState[]> {
  const last = new Map((await readLastValueModels(warehouse, { database })).map((one) => [one.tenant, one]))
  const before = clock.now() - limits.minIntervalMs
  return [...tenants.values()].map((tenant) => {
    const { cutOff, revision = 0, orders = 0 } = last.get(tenant.id) ?? {}
    return {
      ...{ tenant, revision, orders, cutOff: cutOff === undefined ? Number.NaN : parseDay(cutOff) },
      ...{ seen: Number.NaN, madeAt: before, readAt: before },
    }
  })
}

function isToBeRead(state: TenantState, cutOff: number, { clock, limits }: Running): boolean {
  const { minIntervalMs, checkIntervalMs } = limits
  if (clock.now() - state.readAt < (cutOff === state.cutOff ? checkIntervalMs : minIntervalMs)) return false
  // A replay that begins anew goes back in time: that is another day too.
  return cutOff === state.seen || clock.now() - state.madeAt >= checkIntervalMs
}

function isOther(state: TenantState, cutOff: number, orders: number): boolean {
  // Nobody has bought, nor had when it was fitted last: nothing is to be told.
  if (orders <= 0 && state.orders <= 0) return false
  return cutOff !== state.cutOff || Math.abs(orders - state.orders) > MATERIAL_SHARE * state.orders
}

/** What the thread cannot do it could not do at once again either: it is tried like something new, after a while. */
async function makeWhereOther(
  looking: Looking,
  state: TenantState,
  cutOff: number,
): Promise<ValuesMade | undefined> {
  const { warehouse, logger, reading } = looking
  const orders = await countPurchases(warehouse, scopeOf(state.tenant, cutOff, reading))
  if (!isOther(state, cutOff, orders)) return undefined
  try {
    return await refresh(looking, state, cutOff)
  } catch (error) {
    if (reading.signal.aborted || !/^POOL_/.test(errorCode(error) ?? '')) throw error
    logger.warn('customers’ values are not told today yet', {
      ...{ tenant: state.tenant.id, code: errorCode(error), why: errorMessage(error) },
    })
    return undefined
  }
}

async function refresh(looking: Looking, state: TenantState, cutOff: number): Promise<ValuesMade> {
  const { warehouse, clock, database } = looking
  const { tenant } = state
  const scope = scopeOf(tenant, cutOff, looking.reading)
  const columns = new PurchaseColumns()
  let orders = 0
  for await (const page of readPurchases(warehouse, scope)) {
    columns.add(page, cutOff)
    orders += page.reduce((sum, one) => sum + one.orders, 0)
  }
  const fits = await fitAll(columns, looking)
  const occasion: ValueOccasion = { tenant, revision: state.revision + 1, cutOff, at: clock.now() }
  const models = modelsOf(fits)
  if (models !== undefined)
    for await (const page of readPurchases(warehouse, scope)) await tell(page, models, occasion, looking)
  await forgetOlderValues(warehouse, {
    ...{ database, tenant: tenant.id, revision: occasion.revision },
  })
  await insert('value_models', [modelRow(fits, { customers: columns.rows, orders }, occasion)], looking)
  const { revision } = occasion
  Object.assign(state, { cutOff, revision, orders, madeAt: clock.now(), readAt: clock.now() })
  return {
    ...{ tenant: tenant.id, revision, cutOff: formatDay(cutOff) },
    ...{ customers: columns.rows, isFitted: models !== undefined },
  }
}

async function fitAll(columns: PurchaseColumns, { pool, reading }: Looking): Promise<ValueFits> {
  const done = await pool.run(
    { type: 'fit', purchases: columns.whole() },
    { lane: 'batch', signal: reading.signal },
  )
  if (done.type !== 'fit') throw new Error('another answer than was asked for')
  return done.fits
}

/** Undefined where nothing can be told of anybody. */
function modelsOf({ bgNbd, gammaGamma }: ValueFits): ValueModels | undefined {
  if (bgNbd.type !== 'fitted') return undefined
  return { bgNbd: bgNbd.model, gammaGamma: gammaGamma.type === 'fitted' ? gammaGamma.model : null }
}

async function tell(
  page: readonly CustomerPurchases[],
  models: ValueModels,
  occasion: ValueOccasion,
  looking: Looking,
): Promise<void> {
  for (let at = 0; at < page.length; at += MAX_ROWS) {
    const some = page.slice(at, at + MAX_ROWS)
    const columns = new PurchaseColumns()
    columns.add(some, occasion.cutOff)
    const task: ValueTask = { type: 'predict', purchases: columns.whole(), models }
    const done = await looking.pool.run(task, { lane: 'batch', signal: looking.reading.signal })
    if (done.type !== 'predict') throw new Error('another answer than was asked for')
    await insert('customer_values', valueRows(some, done.predictions, occasion), looking)
  }
}

function scopeOf({ id, currency }: TenantConfig, cutOff: number, { database }: DayReading): PurchaseScope {
  return { database, topic: TOPIC, currencies: new Map([[id, currency]]), upTo: formatDay(cutOff) }
}

let inserts = 0

function insert(
  table: string,
  rows: readonly object[],
  { warehouse, database, run, clock }: Running,
): Promise<void> {
  inserts += 1
  return insertRows(warehouse, `${database}.${table}`, rows, `${run}:${table}:${clock.now()}:${inserts}`)
}
