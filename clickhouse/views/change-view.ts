/** The step of a migration that ships a changed view: its table is there, made by the file before. */
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { addView } from './add-view.ts'

export interface ViewChange {
  warehouse: Warehouse
  database: string
  run: string
  /** The name that queries use, e.g. `headline`. */
  logical: string
  /** `CREATE MATERIALIZED VIEW IF NOT EXISTS <name>_mv TO <name> …` */
  createView: string
}

const VIEW = /CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+)\.(\w+)_mv TO (\w+)\.(\w+)\s/

/** In a new run there is nothing to fill in, and nobody writes: the statement is all. */
export async function changeView(change: ViewChange): Promise<void> {
  const { warehouse, database, createView } = change
  const [, ofView, name, ofTable, table] = VIEW.exec(createView) ?? []
  if (name === undefined || name !== table || ofView !== database || ofTable !== database)
    throw new RevwallError(
      'VIEW_INVALID',
      'It is not CREATE MATERIALIZED VIEW IF NOT EXISTS NAME_mv TO NAME.',
    )
  if (await isNew(warehouse, database)) return warehouse.command(createView)
  // What the table is, ClickHouse knows; it is not made here.
  const createTable = `EXISTS TABLE ${database}.${name}`
  await addView({ ...change, name, createTable, clock: systemClock, random: Math.random })
}

async function isNew(warehouse: Warehouse, database: string): Promise<boolean> {
  const rows = await warehouse.query(`SELECT 1 FROM ${database}.order_changes LIMIT 1`)
  return rows.length === 0
}
