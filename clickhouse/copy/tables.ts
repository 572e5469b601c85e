/** What a warehouse consists of: its databases, and in them tables, views, and what fills views. */
import type { Warehouse } from '../warehouse.ts'

export interface StoredTable {
  database: string
  name: string
  engine: string
  /** Its statement, qualified. */
  statement: string
  /** Before compression. */
  bytes: number
}

export interface StoredDatabase {
  name: string
  comment: string
}

/** What all runs share, and every run's. */
const OURS = `match(database, '^revwall(_r[0-9]+(_all)?)?$')`

/** Also those of Distributed tables. */
export function readDatabases(warehouse: Warehouse): Promise<StoredDatabase[]> {
  return warehouse.query<StoredDatabase>(
    `SELECT name, comment FROM system.databases WHERE ${OURS.replace('database', 'name')} ORDER BY name`,
  )
}

/**
 * Without what the guard's self-test may have left, and without what is made anew where it comes: the views for people, and
 * tables that read from several servers.
 */
export async function readTables(warehouse: Warehouse): Promise<StoredTable[]> {
  const rows = await warehouse.query<Omit<StoredTable, 'bytes'> & { bytes: string }>(
    `SELECT database, name, engine, create_table_query AS statement, bytes
     FROM system.tables LEFT JOIN (
       SELECT database, table AS name, sum(data_uncompressed_bytes) AS bytes FROM system.parts WHERE active GROUP BY ALL
     ) AS parts USING (database, name)
     WHERE ${OURS} AND engine != 'Distributed' AND NOT startsWith(name, 'guard_self_test') AND NOT (engine = 'View' AND startsWith(name, 'v1_'))
     ORDER BY database, name`,
  )
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }))
}

export const hasRows = ({ engine }: StoredTable) => engine.endsWith('MergeTree')
/** It fills another table with what comes into its own. */
export const fillsOther = ({ engine }: StoredTable) => engine === 'MaterializedView'
/** What each of several servers is told when it is made, and never by another one. */
export const isPlace = ({ database, name }: StoredTable) => `${database}.${name}` === 'revwall.shards'

export const qualified = ({ database, name }: StoredTable) => `${database}.\`${name}\``

/** Rows as whoever reads them sees them: where merges put rows together, when they do so must make no difference. */
export const rowsOf = (table: StoredTable) =>
  `${qualified(table)}${table.engine === 'MergeTree' ? '' : ' FINAL'}`
