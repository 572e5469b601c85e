import { RevwallError } from '../../core/runtime/errors.ts'
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
 * the rights of whoever asks (SQL SECURITY INVOKER): row filters on the tables hold through them.
 */
export async function publishViews(warehouse: Warehouse, options: PublishOptions): Promise<void> {
  const control = { database: options.controlDatabase ?? 'revwall' }
  const columns = await readColumns(warehouse, options.database)
  await Promise.all(
    V1_VIEWS.map((view) => {
      const own = columns.filter(({ table }) => table === view.table)
      if (own.length === 0)
        throw new RevwallError(
          'VIEWS_NO_TABLE',
          `${tableOf(options, view.table)} is missing: run the migrations first.`,
        )
      const names = { target: tableOf(control, view.name), from: tableOf(options, view.table) }
      return warehouse.command(statementOf(view, own, names))
    }),
  )
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
): string {
  const { shape } = view
  const shown = 'rows' in shape ? columns.filter(({ name }) => !shape.rows.without.test(name)) : columns
  const declared = shown.map(({ name, type, comment }) => `  ${name} ${type} COMMENT ${quote(comment)}`)
  return `CREATE OR REPLACE VIEW ${names.target}\n(\n${declared.join(',\n')}\n)
SQL SECURITY INVOKER
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
