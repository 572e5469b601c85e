import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface Reconciliation {
  view: string
  at: string
  /** `all`, or the days that were compared. */
  scope: string
  buckets: number
  drifted: number
  /** Sum of the absolute differences of all summed columns, as a decimal. */
  drift: string
  mended: boolean
  /** Key of one bucket that differed, else empty. */
  example: string
}

/**
 * The last comparison of each view with the base table. Only the day that ends with the newest one is read: the table
 * holds months of them, and a view that nobody compares any more has nothing to say.
 */
export async function readReconciliation(warehouse: Warehouse, scope: Scope): Promise<Reconciliation[]> {
  const table = tableOf(scope, 'reconciliations')
  const rows = await warehouse.query<Row>(
    `SELECT view, at, scope, buckets, drifted, drift, mended, example
     FROM ${table} WHERE tenant = {tenant:String} AND at > (
       SELECT at FROM ${table} WHERE tenant = {tenant:String} ORDER BY tenant DESC, at DESC LIMIT 1
     ) - INTERVAL 1 DAY
     ORDER BY at DESC LIMIT 1 BY view`,
    { params: { tenant: scope.tenant } },
  )
  return rows.map(reconciliationOf).sort((a, b) => (a.view < b.view ? -1 : 1))
}

interface Row extends Omit<Reconciliation, 'buckets' | 'drifted' | 'mended'> {
  buckets: string
  drifted: string
  mended: number
}

function reconciliationOf(row: Row): Reconciliation {
  return {
    ...row,
    at: toIso(row.at),
    buckets: Number(row.buckets),
    drifted: Number(row.drifted),
    mended: row.mended === 1,
  }
}
