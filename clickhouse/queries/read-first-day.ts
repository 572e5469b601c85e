import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf } from './scope.ts'

/** The first local day that has any entry, on either axis; null without data. Reads one granule, in key order. */
export async function readFirstDay(warehouse: Warehouse, scope: Scope): Promise<string | null> {
  const rows = await warehouse.query<{ day: string }>(
    `SELECT day FROM ${tableOf(scope, 'headline')} WHERE tenant = {tenant:String} ORDER BY tenant, day LIMIT 1`,
    { params: { tenant: scope.tenant } },
  )
  return rows[0]?.day ?? null
}
