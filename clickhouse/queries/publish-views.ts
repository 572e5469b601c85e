import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import { VIEWS_USER } from '../engine/write-users.ts'
import { CONTROL_DATABASE } from '../migrations/read-migrations.ts'
import { readingDatabase } from '../shards.ts'
import { readMovedTables } from '../views/view-pointers.ts'
import type { Warehouse } from '../warehouse.ts'
import { tableOf } from './scope.ts'
import { V1_VIEWS, type V1View } from './v1-views.ts'

export interface PublishOptions {
  /** The run whose tables the views are to show from now on. */
  database: string
  /** Where the views are; `revwall` by default. */
  controlDatabase?: string
}

/**
 * Makes the `v1_…` views show a run. Each is replaced in one step, so a reader sees the one or the other. They run with
 * the rights of VIEWS_USER, whose tables are filtered by the tenant of whoever asks: analysts need no grant on any table,
 * where `mergeTreeIndex()` would show them other tenants' keys and an error could tell of other tenants' rows.
 */
export async function publishViews(warehouse: Warehouse, options: PublishOptions): Promise<void> {
  const control = { database: options.controlDatabase ?? CONTROL_DATABASE }
  const read = readingDatabase(warehouse, options.database)
  const [columns, shared] = await Promise.all(
    [options.database, CONTROL_DATABASE].map((database) => readColumns(warehouse, database)),
  )
  if (columns!.length === 0)
    throw new RevwallError('VIEWS_NO_TABLE', `${options.database} has no tables: run the migrations first.`)
  const moved = await readMovedTables({ warehouse, database: options.database })
  await Promise.all(
    V1_VIEWS.map((shipped) => {
      const view = { ...shipped, table: moved.get(shipped.table) ?? shipped.table }
      const from = tableOf({ database: view.isShared ? CONTROL_DATABASE : read }, view.table)
      const own = (view.isShared ? shared : columns)!.filter(({ table }) => table === view.table)
      if (own.length === 0)
        throw new RevwallError('VIEWS_NO_TABLE', `${from} is missing: run the migrations first.`)
      const names = { target: tableOf(control, view.name), from }
      return publishView(warehouse, (security) => statementOf(view, own, names, security))
    }),
  )
}

const UNKNOWN_USER = 'CLICKHOUSE_192'

/** A server that is not ours has no such user, and no analysts of ours: there the rights of whoever asks are what holds. */
async function publishView(warehouse: Warehouse, statement: (security: string) => string): Promise<void> {
  try {
    await warehouse.command(statement(`DEFINER = ${VIEWS_USER} SQL SECURITY DEFINER`))
  } catch (error) {
    if (errorCode(error) !== UNKNOWN_USER) throw error
    await warehouse.command(statement('SQL SECURITY INVOKER'))
  }
}

interface Column {
  table: string
  name: string
  type: string
  comment: string
}

function readColumns(warehouse: Warehouse, database: string): Promise<Column[]> {
  return warehouse.query<Column>(
    `SELECT table, name, type, comment FROM system.columns WHERE database = {database:String}
     ORDER BY table, position`,
    { params: { database } },
  )
}

function statementOf(
  view: V1View,
  columns: readonly Column[],
  names: { target: string; from: string },
  security: string,
): string {
  const { shape } = view
  const shown = 'rows' in shape ? columns.filter(({ name }) => !shape.rows.without.test(name)) : columns
  const declared = shown.map(({ name, type, comment }) => `  ${name} ${type} COMMENT ${quote(comment)}`)
  return `CREATE OR REPLACE VIEW ${names.target}\n(\n${declared.join(',\n')}\n)
${security}
AS ${selectOf(shape, shown, names.from)}
COMMENT ${quote(view.comment)}`
}

function selectOf(shape: V1View['shape'], columns: readonly Column[], from: string): string {
  if ('rows' in shape)
    return `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${from} ${shape.rows.after}`
  const { keys, having } = shape.sums
  const columnOf = ({ name }: Column) => (keys.includes(name) ? name : `sum(t.${name}) AS ${name}`)
  const select = `SELECT ${columns.map(columnOf).join(', ')} FROM ${from} AS t GROUP BY ${keys.join(', ')}`
  return having === undefined ? select : `${select} HAVING ${having}`
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
