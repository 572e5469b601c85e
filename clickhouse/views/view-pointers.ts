/** Which table stands behind the name that queries use. A name without a row is at the table that the code ships. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { SHIPPED_TABLES } from '../queries/scope.ts'
import type { Warehouse } from '../warehouse.ts'

export interface PointerScope {
  warehouse: Warehouse
  database: string
}

/** Of all names: what the code ships, and where it was moved. */
export async function readPointers(scope: PointerScope): Promise<Map<string, string>> {
  return new Map([...Object.entries(SHIPPED_TABLES), ...(await readMoves(scope)).map(tableOfMove)])
}

export async function readPointer(scope: PointerScope, logical: string): Promise<string | undefined> {
  return (await readPointers(scope)).get(logical)
}

/** Moves a name to a table; whoever reads follows within a second. Throws VIEW_MISSING. */
export async function pointView(scope: PointerScope & { name: string }, logical: string): Promise<void> {
  const { warehouse, database, name } = scope
  await requireTable(scope)
  await warehouse.command(
    `INSERT INTO ${database}.view_pointers (logical, seq, table_name, at)
     SELECT {logical:String}, (SELECT max(seq) FROM ${database}.view_pointers WHERE logical = {logical:String}) + 1,
       {name:String}, now64(3)`,
    {
      // Two at once would write one number twice; ClickHouse refuses a second running query of the same id.
      queryId: `view-pointer:${database}:${logical}`,
      params: { logical, name },
      settings: { async_insert: 0, insert_deduplicate: 0 },
    },
  )
}

/** By the table that the code ships: the one that is read in its place. */
export async function readMovedTables(scope: PointerScope): Promise<Map<string, string>> {
  const moves = await readMoves(scope)
  return new Map(moves.map(({ logical, table }) => [SHIPPED_TABLES[logical] ?? logical, table]))
}

export interface PointerMove {
  logical: string
  table: string
  /** How long ago, by the server's clock. */
  ageMs: number
}

/** The last move of each name that was ever moved. */
export async function readMoves({ warehouse, database }: PointerScope): Promise<PointerMove[]> {
  const rows = await warehouse.query<{ logical: string; table: string; age: string }>(
    `SELECT logical, argMax(table_name, seq) AS table, toInt64(dateDiff('millisecond', max(at), now64(3))) AS age
     FROM ${database}.view_pointers GROUP BY logical ORDER BY logical`,
  )
  return rows.map(({ logical, table, age }) => ({ logical, table, ageMs: Number(age) }))
}

const tableOfMove = ({ logical, table }: PointerMove) => [logical, table] as const

async function requireTable({ warehouse, database, name }: PointerScope & { name: string }): Promise<void> {
  const sql = 'SELECT 1 FROM system.tables WHERE database = {database:String} AND name = {name:String}'
  const rows = await warehouse.query(sql, { params: { database, name } })
  if (rows.length === 0) throw new RevwallError('VIEW_MISSING', `There is no table ${database}.${name}.`)
}
