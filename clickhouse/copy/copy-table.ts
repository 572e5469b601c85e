/** Rows of a table at some servers into the same table at another one, compared by number and hash. */
import { RevwallError } from '../../core/runtime/errors.ts'
import type { WarehouseLogin } from '../connect-warehouse.ts'
import { shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'
import { streamRows } from './stream-rows.ts'
import { qualified, rowsOf, type StoredTable } from './tables.ts'

export interface Server {
  warehouse: Warehouse
  login: WarehouseLogin
}

/** Each by itself. */
export function serversOf({ warehouse, login }: Server): Server[] {
  const urls = login.url.split(',')
  return shardsOf(warehouse).map((server, index) => ({
    warehouse: server,
    login: { ...login, url: urls[index]! },
  }))
}

export interface CopyOptions {
  signal: AbortSignal
  /** Of `bytesOf` the tables, about. */
  onBytes: (bytes: number) => void
}

export interface CopyTableOptions extends CopyOptions {
  from: readonly Server[]
  to: Server
  /** SQL over the columns: which of their rows. Default: all. */
  where?: string
}

export interface CopiedTable {
  table: string
  rows: number
  /** Over all rows, whatever their order. */
  hash: string
}

/** Into a table that is empty. Throws `CLICKHOUSE_COPY`, `CLICKHOUSE_COPY_APART`. What fails leaves a part there. */
export async function copyTable(table: StoredTable, options: CopyTableOptions): Promise<CopiedTable> {
  const { from, to, signal, onBytes, where = '1' } = options
  const was: Sum = { rows: 0n, hash: 0n }
  for (const { warehouse, login } of from) {
    await streamRows({
      ...{ from: login, to: to.login, signal, onBytes },
      ...{ select: `SELECT * FROM ${rowsOf(table)} WHERE ${where}`, into: qualified(table) },
    })
    const sum = await readSum(warehouse, table, where)
    was.rows += sum.rows
    was.hash = BigInt.asUintN(64, was.hash + sum.hash)
  }
  const is = await readSum(to.warehouse, table, '1')
  if (was.rows !== is.rows || was.hash !== is.hash) throw apart(table, was, is)
  return { table: `${table.database}.${table.name}`, rows: Number(is.rows), hash: is.hash.toString(16) }
}

interface Sum {
  rows: bigint
  hash: bigint
}

/** By the bytes of each row: a hash of the columns would be NULL where one of them is, and left out. */
async function readSum(warehouse: Warehouse, table: StoredTable, where: string): Promise<Sum> {
  const [sum] = await warehouse.query<{ rows: string; hash: string }>(
    `SELECT count() AS rows, sum(cityHash64(formatRow('RowBinary', *))) AS hash FROM ${rowsOf(table)} WHERE ${where}`,
    { settings: { max_threads: 2, max_execution_time: 0 } },
  )
  return { rows: BigInt(sum!.rows), hash: BigInt(sum!.hash) }
}

function apart(table: StoredTable, was: Sum, is: Sum): RevwallError {
  const tell = ({ rows, hash }: Sum) => `${rows} rows (${hash.toString(16)})`
  return new RevwallError(
    'CLICKHOUSE_COPY_APART',
    `${table.database}.${table.name} has ${tell(was)} and its copy ${tell(is)}: somebody else writes there, or the connection ` +
      'broke. Run revwall move again; it begins anew.',
  )
}
