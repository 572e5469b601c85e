/**
 * All tables of one server into another that has none of them: first the tables, then their rows, and what fills views last,
 * so that nothing is counted twice. Views' rows are copied as they are; that they are what the base says shows an audit.
 */
import { RevwallError } from '../../core/runtime/errors.ts'
import type { WarehouseLogin } from '../connect-warehouse.ts'
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { streamRows } from './stream-rows.ts'
import {
  fillsOther,
  hasRows,
  qualified,
  readDatabases,
  readTables,
  rowsOf,
  type StoredTable,
} from './tables.ts'

export interface Server {
  warehouse: Warehouse
  login: WarehouseLogin
}

export interface CopyWarehouseOptions {
  from: Server
  /** Nobody writes to either of them. */
  to: Server
  signal: AbortSignal
  /** Of `bytesOf` the tables, about. */
  onBytes: (bytes: number) => void
}

export interface CopiedTable {
  table: string
  rows: number
  /** Over all rows, whatever their order. */
  hash: string
}

/** Throws `CLICKHOUSE_COPY`, `CLICKHOUSE_COPY_APART`. What fails leaves a part there. */
export async function copyWarehouse(options: CopyWarehouseOptions): Promise<CopiedTable[]> {
  const { from, to } = options
  for (const { name, comment } of await readDatabases(from.warehouse))
    await to.warehouse.command(
      `CREATE DATABASE IF NOT EXISTS ${name} ENGINE = Atomic COMMENT ${quoteString(comment)}`,
    )
  const tables = await readTables(from.warehouse)
  for (const table of [...tables.filter(hasRows), ...tables.filter(isView)])
    await to.warehouse.command(table.statement)
  const copied: CopiedTable[] = []
  for (const table of tables.filter(hasRows)) copied.push(await copyTable(table, options))
  for (const table of tables.filter(fillsOther)) await to.warehouse.command(table.statement)
  return copied
}

const isView = (table: StoredTable) => !hasRows(table) && !fillsOther(table)

async function copyTable(table: StoredTable, options: CopyWarehouseOptions): Promise<CopiedTable> {
  const { from, to, signal, onBytes } = options
  await streamRows({
    ...{ from: from.login, to: to.login, signal, onBytes },
    ...{ select: `SELECT * FROM ${rowsOf(table)}`, into: qualified(table) },
  })
  const [was, is] = await Promise.all([readSum(from.warehouse, table), readSum(to.warehouse, table)])
  if (was.rows !== is.rows || was.hash !== is.hash) throw apart(table, was, is)
  return { table: `${table.database}.${table.name}`, rows: Number(is.rows), hash: is.hash }
}

interface Sum {
  rows: string
  hash: string
}

/** By the bytes of each row: a hash of the columns would be NULL where one of them is, and left out. */
async function readSum(warehouse: Warehouse, table: StoredTable): Promise<Sum> {
  const [sum] = await warehouse.query<Sum>(
    `SELECT count() AS rows, lower(hex(sum(cityHash64(formatRow('RowBinary', *))))) AS hash FROM ${rowsOf(table)}`,
    { settings: { max_threads: 2, max_execution_time: 0 } },
  )
  return sum!
}

function apart(table: StoredTable, was: Sum, is: Sum): RevwallError {
  return new RevwallError(
    'CLICKHOUSE_COPY_APART',
    `${table.database}.${table.name} has ${was.rows} rows (${was.hash}) and its copy ${is.rows} (${is.hash}): somebody else ` +
      'writes there, or the connection broke. Run revwall move again; it begins anew.',
  )
}
