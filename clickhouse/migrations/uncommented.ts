import type { Warehouse } from '../warehouse.ts'

/**
 * The tables (`orders`) and columns (`orders.tenant`) of a database that have no COMMENT: the schema explains itself to
 * whoever opens it with a SQL client. A materialized view's columns count as its target's.
 */
export async function uncommented(warehouse: Warehouse, database: string): Promise<string[]> {
  const rows = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables
     WHERE database = {database:String} AND comment = '' AND NOT startsWith(name, '.inner')
     UNION ALL
     SELECT concat(c.table, '.', c.name) AS name FROM system.columns c
     INNER JOIN system.tables t ON t.database = c.database AND t.name = c.table
     WHERE c.database = {database:String} AND c.comment = ''
       AND t.engine != 'MaterializedView' AND NOT startsWith(c.table, '.inner')
     ORDER BY name`,
    { params: { database } },
  )
  return rows.map(({ name }) => name)
}
