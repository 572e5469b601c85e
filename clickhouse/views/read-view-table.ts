import { RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'

export interface ViewTable {
  /** Of its table, in order. */
  columns: string[]
  /** Of its materialized view, over the base. */
  select: string
}

/** A view and its table as ClickHouse has them. Throws VIEW_MISSING. */
export async function readViewTable(
  warehouse: Warehouse,
  database: string,
  name: string,
): Promise<ViewTable> {
  const [row] = await warehouse.query<ViewTable>(
    `SELECT as_select AS select, (SELECT arrayMap(c -> c.2, arraySort(groupArray((position, name)))) FROM system.columns
        WHERE database = {database:String} AND table = {name:String}) AS columns
     FROM system.tables WHERE database = {database:String} AND name = concat({name:String}, '_mv')`,
    { params: { database, name } },
  )
  if (row !== undefined && row.columns.length > 0) return row
  throw viewMissing(database, name)
}

export const viewMissing = (database: string, name: string) =>
  new RevwallError('VIEW_MISSING', `There is no view ${database}.${name} with its ${name}_mv.`)
