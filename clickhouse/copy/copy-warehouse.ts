/**
 * All tables of one server into another that has none of them: first the tables, then their rows, and what fills views last,
 * so that nothing is counted twice. Views' rows are copied as they are; that they are what the base says shows an audit.
 */
import { quoteString } from '../native/quote-string.ts'
import { behindShards } from '../shards.ts'
import { type CopiedTable, type CopyOptions, copyTable, type Server } from './copy-table.ts'
import { fillsOther, hasRows, isPlace, readDatabases, readTables, type StoredTable } from './tables.ts'

export interface CopyWarehouseOptions extends CopyOptions {
  from: Server
  /** Nobody writes to either of them. */
  to: Server
}

/** Throws as `copyTable`. */
export async function copyWarehouse({ from, to, ...how }: CopyWarehouseOptions): Promise<CopiedTable[]> {
  await makeDatabases(from, to)
  const tables = (await readTables(from.warehouse)).filter((table) => !isPlace(table))
  for (const table of [...tables.filter(hasRows), ...tables.filter(isView)])
    await to.warehouse.command(table.statement)
  const copied: CopiedTable[] = []
  for (const table of tables.filter(hasRows))
    copied.push(await copyTable(table, { ...how, from: [from], to }))
  for (const table of tables.filter(fillsOther)) await to.warehouse.command(table.statement)
  return copied
}

export async function makeDatabases(from: Server, to: Server): Promise<void> {
  for (const { name, comment } of await readDatabases(from.warehouse))
    if (behindShards(name) === undefined)
      await to.warehouse.command(
        `CREATE DATABASE IF NOT EXISTS ${name} ENGINE = Atomic COMMENT ${quoteString(comment)}`,
      )
}

export const isView = (table: StoredTable) => !hasRows(table) && !fillsOther(table)
