/** A row of each tenant in every table behind a `v1_…` view that nothing fills from order_changes. */
import { CONTROL_DATABASE } from '../../migrations/read-migrations.ts'
import type { Warehouse } from '../../warehouse.ts'
import { SHARED_TABLES, V1_VIEWS } from '../v1-views.ts'

export async function fillOthers(
  warehouse: Warehouse,
  run: string,
  tenants: readonly string[],
): Promise<void> {
  const tables = V1_VIEWS.flatMap(({ table, shape }) => ('rows' in shape ? [table] : []))
  for (const table of new Set(tables.filter((name) => name !== 'order_changes'))) {
    const database = SHARED_TABLES.includes(table) ? CONTROL_DATABASE : run
    const [dated] = await warehouse.query<{ n: string }>(
      `SELECT count() AS n FROM system.columns WHERE database = '${database}' AND table = '${table}' AND name = 'at'`,
    )
    // A row of 1970 would be behind the edge of a TTL.
    const [columns, rest] = dated?.n === '1' ? ['tenant, at', ', now()'] : ['tenant', '']
    const rows = tenants.map((tenant) => `('${tenant}'${rest})`)
    await warehouse.command(`INSERT INTO ${database}.${table} (${columns}) VALUES ${rows.join(', ')}`)
  }
}
