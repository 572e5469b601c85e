import type { Axis } from '../../core/contracts/tiles.ts'
import { RevwallError } from '../../core/runtime/errors.ts'

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

/** `database.table`; the database goes into SQL as it is, where a parameter cannot stand. */
export function tableOf({ database }: Pick<Scope, 'database'>, table: string): string {
  if (/^[A-Za-z_]\w{0,62}$/.test(database)) return `${database}.${table}`
  throw new RevwallError('QUERY_BAD_DATABASE', `"${database}" cannot be a database's name.`)
}

/** ClickHouse's `2011-11-17 14:32:05.000` (UTC) as ISO 8601. */
export function toIso(dateTime: string): string {
  return `${dateTime.replace(' ', 'T')}Z`
}
