/**
 * All tables of some servers into another number of them, which have none. Partition p goes to the server p mod N of the new
 * ones, with its rows and marks; there the views are filled by what comes into the base, as they are by batches, since the
 * rows of a view do not say of which partition they are. That they are what the base says shows an audit.
 */
import { RevwallError } from '../../core/runtime/errors.ts'
import { readUnfilled } from '../audit/list-audited-views.ts'
import type { Warehouse } from '../warehouse.ts'
import { type CopiedTable, type CopyOptions, copyTable, type Server } from './copy-table.ts'
import { isView, makeDatabases } from './copy-warehouse.ts'
import { fillsOther, hasRows, isPlace, readTables, type StoredTable } from './tables.ts'

export interface SpreadOptions extends CopyOptions {
  from: readonly Server[]
  /** Nobody writes to any of them. */
  to: readonly Server[]
}

/** Throws as `copyTable`, and `MOVE_VIEW_UNFILLED`. */
export async function spreadWarehouse({ from, to, ...how }: SpreadOptions): Promise<CopiedTable[]> {
  const [first] = from as [Server, ...Server[]]
  const tables = (await readTables(first.warehouse)).filter((table) => !isPlace(table))
  for (const { warehouse } of from) await requireFilled(warehouse, tables)
  const copied: CopiedTable[] = []
  for (const [index, target] of to.entries()) {
    await makeDatabases(first, target)
    const make = async (some: readonly StoredTable[]) => {
      for (const { statement } of some) await target.warehouse.command(statement)
    }
    const fillsViews = (table: StoredTable) => fillsOther(table) && table.statement.includes('order_changes')
    await make([...tables.filter(hasRows), ...tables.filter(isView), ...tables.filter(fillsViews)])
    for (const table of tables.filter(hasRows)) {
      const whose = sourceOf(table, tables.filter(fillsViews), index)
      if (whose === 'nobody') continue
      const of = whose === 'all' ? { from, where: `partition % ${to.length} = ${index}` } : { from: [first] }
      const one = await copyTable(table, { ...how, ...of, to: target })
      copied.push(index === 0 ? one : { ...one, table: `${one.table}@${index}` })
    }
    await make(tables.filter((table) => fillsOther(table) && !fillsViews(table)))
  }
  return copied
}

const BASE = 'order_changes'
/** Of what one server was told to do and did: another one has done nothing of it. */
const OF_ITS_LIFE: ReadonlySet<string> = new Set(['barriers', 'server_lives', 'reconciliations'])
/** What each server knows of its own tables, which are the same at all. */
const OF_ITS_TABLES: ReadonlySet<string> = new Set(['migrations', 'view_steps', 'view_pointers'])

function sourceOf(
  { name }: StoredTable,
  fill: readonly StoredTable[],
  index: number,
): 'all' | 'first' | 'nobody' {
  if (name === BASE) return 'all'
  if (OF_ITS_TABLES.has(name)) return 'first'
  if (OF_ITS_LIFE.has(name) || fill.some((view) => view.name === `${name}_mv`)) return 'nobody'
  return index === 0 ? 'first' : 'nobody'
}

/** What is being filled counts on the rows of its own server. */
async function requireFilled(warehouse: Warehouse, tables: readonly StoredTable[]): Promise<void> {
  for (const { database } of tables.filter(({ name }) => name === BASE)) {
    const [view] = await readUnfilled(warehouse, database)
    if (view === undefined) continue
    throw new RevwallError(
      'MOVE_VIEW_UNFILLED',
      `${database}.${view} is not filled yet: run revwall migrate on the folder first, then move again.`,
    )
  }
}
