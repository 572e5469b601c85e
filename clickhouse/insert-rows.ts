/** Rows as JSON, for tables that keep one of two alike: what was not acknowledged may be sent again. */
import type { Warehouse } from './warehouse.ts'

/** `table` is qualified; instants are ISO 8601. Rejects as `Warehouse.insert` does; no rows are no insert. */
export async function insertRows(
  warehouse: Warehouse,
  table: string,
  rows: readonly object[],
  queryId: string,
): Promise<void> {
  if (rows.length === 0) return
  await warehouse.insert(
    `INSERT INTO ${table} FORMAT JSONEachRow`,
    Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
    { queryId, settings: { date_time_input_format: 'best_effort', async_insert: 0, insert_deduplicate: 0 } },
  )
}
