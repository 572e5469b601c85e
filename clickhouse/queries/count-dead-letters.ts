import type { Warehouse } from '../warehouse.ts'
import { isOpenLetter } from './open-letters.ts'
import { type Scope, tableOf } from './scope.ts'

/** How many records of a tenant could not be taken and wait for somebody's decision, by reason. */
export async function countDeadLetters(warehouse: Warehouse, scope: Scope): Promise<Map<string, number>> {
  const rows = await warehouse.query<{ reason: string; letters: string }>(
    `SELECT reason, count() AS letters FROM ${tableOf(scope, 'dead_letters')} FINAL
     WHERE tenant = {tenant:String} AND ${isOpenLetter('tenant')}
     GROUP BY reason ORDER BY reason`,
    { params: { tenant: scope.tenant } },
  )
  return new Map(rows.map(({ reason, letters }) => [reason, Number(letters)]))
}
