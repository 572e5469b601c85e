/** A tenant whose orders are judged: what is known of them, the model, and the present day's tally. */
import { readAnomalyModel, type ScoringDay } from '../../../clickhouse/queries/read-anomalies.ts'
import type { BuyerScope, Marks } from '../../../clickhouse/queries/read-buyers.ts'
import { type NewOrder, readRecentOrders } from '../../../clickhouse/queries/read-new-orders.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import type { AnomalyConfig } from '../../../core/runtime/anomaly-settings.ts'
import { errorMessage } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import { introduceCustomers } from './introduce-customers.ts'
import { type OrderModel, type OrderPool, openModel, partsOf } from './order-model.ts'
import { HORIZON_ORDERS, OrderWatch } from './order-watch.ts'
import { LEAST_ORDERS } from './refit.ts'
import { type Look, NO_TALLY, scoringRow, type Tally, tallyOf } from './scoring-tally.ts'

export interface WatchedTenant {
  tenant: TenantConfig
  watch: OrderWatch
  model: OrderModel | undefined
  /** The largest version that was given to a model. */
  lastVersion: number
  /** Of the model that the last row of its tallies told of. */
  toldVersion: number | undefined
  seenAtFit: number
  fittedAtMs: number
  /** A fit is under way; it resolves whatever comes of it. */
  fitting: Promise<void> | undefined
  tally: Tally
}

export interface TenantOptions {
  warehouse: Warehouse
  database: string
  scope: BuyerScope
  /** Up to where its orders are looked at already. */
  marks: Marks
  config: AnomalyConfig
  pool: OrderPool
  logger: Logger
  /** Who is remembered at once. */
  maxCustomers: number
}

/** As the one before left it: from the latest orders, the newest model and the newest day. */
export async function openTenant(
  tenant: TenantConfig,
  newest: ScoringDay | undefined,
  options: TenantOptions,
): Promise<WatchedTenant> {
  const { warehouse, scope, marks, maxCustomers } = options
  const { id, timeZone } = tenant
  const watch = new OrderWatch({ timeZone, maxCustomers })
  const orders = await readRecentOrders(warehouse, scope, { marks, tenant: id, most: HORIZON_ORDERS })
  await meet(tenant, watch, orders, options)
  for (const order of orders) watch.observe(order)
  const stored = await readModel(id, options)
  return {
    ...{ tenant, watch, ...stored, seenAtFit: Math.min(watch.seen, stored.model?.seen ?? 0) },
    ...{ fittedAtMs: Number.NEGATIVE_INFINITY, fitting: undefined, toldVersion: undefined },
    tally: newest === undefined ? NO_TALLY : tallyOf(newest),
  }
}

export async function meet(
  { id, timeZone }: TenantConfig,
  watch: OrderWatch,
  orders: readonly NewOrder[],
  { warehouse, database }: Pick<TenantOptions, 'warehouse' | 'database'>,
): Promise<void> {
  await introduceCustomers(warehouse, { database, tenant: id, timeZone }, watch, orders)
}

/** What cannot be used any more, after an upgrade or with another engine, is fitted anew as if there were none. */
async function readModel(
  tenant: string,
  { warehouse, database, config, pool, logger }: TenantOptions,
): Promise<Pick<WatchedTenant, 'model' | 'lastVersion'>> {
  const stored = await readAnomalyModel(warehouse, { database, tenant })
  const none = { model: undefined, lastVersion: stored?.version ?? 0 }
  if (stored === undefined || stored.engine !== config.engine) return none
  try {
    return { ...none, model: openModel(partsOf(stored, { tenant, engine: config.engine }), pool) }
  } catch (error) {
    logger.warn('the stored model of orders is fitted anew', { tenant, why: errorMessage(error) })
    return none
  }
}

export function tenantRow({ tenant, watch, model, tally }: WatchedTenant, dailyBudget: number, look: Look) {
  const standing = { seen: watch.seen, needed: LEAST_ORDERS, modelVersion: model?.version ?? 0 }
  return scoringRow(tenant.id, tally, { ...standing, budget: dailyBudget }, look)
}
