import type { Axis } from '../../core/contracts/tiles.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { behindShards } from '../shards.ts'

/** Whose rows of which run: every query has both. */
export interface Scope {
  /** The run's database, e.g. `revwall_r1`. */
  database: string
  tenant: string
}

/** Local days of the tenant, YYYY-MM-DD, both included. */
export interface DayRange {
  from: string
  to: string
}

/** Amounts of one currency on one date axis: two currencies are never added. */
export interface MoneyScope extends Scope {
  axis: Axis
  currency: string
}

/**
 * The tables that stand behind the names of views, as this code ships them. A view that changes gets a new table; the
 * folder's own pointers (clickhouse/views) say when it is filled and read.
 */
export const SHIPPED_TABLES: Readonly<Record<string, string>> = {
  headline: 'headline_v1',
  quarter_hours: 'quarter_hours_v1',
  products: 'products_v1',
  customer_days: 'customer_days_v1',
  latest_orders: 'latest_orders_v1',
  breakdowns: 'breakdowns_v1',
}

/**
 * What no partition of the log has, and so stands on the first of several servers alone: read there, and not from all.
 * Tables that each server keeps for itself (barriers, steps of views, its lives) are nobody's to read from outside.
 */
const ON_FIRST_SHARD: ReadonlySet<string> = new Set([
  ...['customers', 'catalogue', 'rates', 'annotations', 'targets', 'dead_letters'],
  ...[
    'segment_changes',
    'customer_segments',
    'segment_moves',
    'segment_days',
    'customer_values',
    'value_models',
  ],
  ...['forecasts', 'forecast_models', 'week_forecasts', 'week_forecast_models', 'pace_bands', 'nowcasts'],
  ...['order_anomalies', 'order_scorings', 'anomaly_models'],
  ...['incident_changes', 'metric_watches'],
])

/** Of a run: what is read from all servers. The same table on each, for `order_changes` and its views alike. */
export const isOverShards = (table: string): boolean =>
  !ON_FIRST_SHARD.has(table) && !OF_EACH_SERVER.has(table)
const OF_EACH_SERVER: ReadonlySet<string> = new Set([
  'barriers',
  'server_lives',
  'view_steps',
  'view_pointers',
])

/** Says which table stands behind a name at this moment: `database.table`. */
export type Resolve = (table: string) => string

const followed = new Map<string, Resolve>()

/** Queries that name this database ask `resolve` from now on (clickhouse/runs/follow-shown.ts), until it is ended. */
export function resolveDatabase(database: string, resolve: Resolve): () => void {
  followed.set(database, resolve)
  return () => void followed.delete(database)
}

/**
 * `database.table`, where `table` may be the name of a view (`headline`); both go into SQL as they are, where a parameter
 * cannot stand.
 */
export function tableOf({ database }: Pick<Scope, 'database'>, table: string): string {
  const resolve = followed.get(database)
  if (resolve !== undefined) return resolve(table)
  const own = behindShards(database)
  if (own !== undefined && ON_FIRST_SHARD.has(table)) return tableOf({ database: own }, table)
  if (/^[A-Za-z_]\w{0,62}$/.test(database)) return `${database}.${SHIPPED_TABLES[table] ?? table}`
  throw new RevwallError('QUERY_BAD_DATABASE', `"${database}" cannot be a database's name.`)
}

/** ClickHouse's `2011-11-17 14:32:05.000` (UTC) as ISO 8601. */
export function toIso(dateTime: string): string {
  return `${dateTime.replace(' ', 'T')}Z`
}
