import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf } from './scope.ts'

/** Whether any order of the tenant names its customer. Reads one granule, in key order. */
export async function hasCustomers(warehouse: Warehouse, scope: Scope): Promise<boolean> {
  const rows = await warehouse.query(
    `SELECT 1 FROM ${tableOf(scope, 'customer_days')} WHERE tenant = {tenant:String} LIMIT 1`,
    { params: { tenant: scope.tenant } },
  )
  return rows.length > 0
}
