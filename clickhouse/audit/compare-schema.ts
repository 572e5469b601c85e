/**
 * Whether the tables and views are those of the migrations. What they should be is asked of ClickHouse itself: the same
 * migrations are run once more in databases of their own, which are dropped again.
 */

import { migrate } from '../migrations/migrate.ts'
import { type DatabaseNames, readMigrations } from '../migrations/read-migrations.ts'
import type { Warehouse } from '../warehouse.ts'

export interface SchemaFault {
  /** Name without its database. */
  table: string
  what: string
  /** The migration that makes it, for people to look at. */
  file: string
}

interface Shape {
  name: string
  engine: string
  select: string
  columns: string[]
}

export interface CompareOptions extends Required<DatabaseNames> {
  /** Makes the names of the databases of their own. */
  nonce: string
}

/** Empty where all is as it should be. What is there besides is nobody's fault. */
export async function compareSchema(warehouse: Warehouse, options: CompareOptions): Promise<SchemaFault[]> {
  const { database, controlDatabase, nonce } = options
  const wanted = { database: `revwall_doctor_${nonce}`, controlDatabase: `revwall_doctor_${nonce}_control` }
  try {
    await migrate(warehouse, wanted)
    const faults = await Promise.all([
      faultsOf(warehouse, wanted.database, database, wanted, options),
      faultsOf(warehouse, wanted.controlDatabase, controlDatabase, wanted, options),
    ])
    return faults.flat()
  } finally {
    for (const name of Object.values(wanted)) await warehouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`)
  }
}

async function faultsOf(
  warehouse: Warehouse,
  from: string,
  database: string,
  wantedNames: Required<DatabaseNames>,
  names: Required<DatabaseNames>,
): Promise<SchemaFault[]> {
  const [wanted, there] = await Promise.all([
    readShapes(warehouse, from, wantedNames),
    readShapes(warehouse, database, names),
  ])
  const found = new Map(there.map((shape) => [shape.name, shape]))
  const dropped = found.has('view_steps') ? await droppedViews(warehouse, database) : new Set<string>()
  return wanted.flatMap((shape) =>
    !found.has(shape.name) && dropped.has(shape.name.replace(/_mv$/, ''))
      ? []
      : differences(shape, found.get(shape.name)).map((what) => ({
          table: shape.name,
          what,
          file: fileOf(shape.name),
        })),
  )
}

/** Views that somebody took away on purpose (`revwall views drop`). */
async function droppedViews(warehouse: Warehouse, database: string): Promise<Set<string>> {
  const rows = await warehouse.query<{ view: string }>(
    `SELECT view FROM ${database}.view_steps GROUP BY view HAVING argMax(step, seq) = 'dropped'`,
  )
  return new Set(rows.map(({ view }) => view))
}

function differences(wanted: Shape, there: Shape | undefined): string[] {
  if (there === undefined) return ['is missing']
  const columns = [
    ...there.columns
      .filter((column) => !wanted.columns.includes(column))
      .map((each) => `has the column ${each}`),
    ...wanted.columns
      .filter((column) => !there.columns.includes(column))
      .map((each) => `lacks the column ${each}`),
  ]
  return [
    ...columns,
    ...(there.engine === wanted.engine ? [] : [`is ${there.engine}, not ${wanted.engine}`]),
    ...(there.select === wanted.select ? [] : ['has another SELECT']),
  ]
}

/** With the databases' names taken out, so that two of them can be compared. */
async function readShapes(
  warehouse: Warehouse,
  database: string,
  names: Required<DatabaseNames>,
): Promise<Shape[]> {
  const shapes = await warehouse.query<Shape>(
    `SELECT t.name AS name, t.engine_full AS engine, t.as_select AS select,
       arraySort(groupArray(concat(c.name, ' ', c.type, if(c.is_in_sorting_key, ' (key)', '')))) AS columns
     FROM (SELECT * FROM system.tables WHERE database = {database:String}) AS t
     LEFT JOIN (SELECT * FROM system.columns WHERE database = {database:String}) AS c ON c.table = t.name
     WHERE NOT startsWith(t.name, 'v1_') AND NOT startsWith(t.name, 'guard_self_test_')
     GROUP BY name, engine, select ORDER BY name`,
    { params: { database } },
  )
  // The longer name first: the one is the beginning of the other.
  const inOrder = Object.entries({ CONTROL: names.controlDatabase, RUN: names.database }).sort(
    ([, a], [, b]) => b.length - a.length,
  )
  const neutral = (text: string) =>
    inOrder.reduce((done, [name, each]) => done.replace(new RegExp(`\\b${each}\\.`, 'g'), `${name}.`), text)
  return shapes.map((shape) => ({ ...shape, engine: neutral(shape.engine), select: neutral(shape.select) }))
}

function fileOf(table: string): string {
  const created = new RegExp(`CREATE[^(]*\\}\\.${table}\\b`)
  return `${readMigrations().find(({ text }) => created.test(text))?.name ?? 'migrate.ts'}.sql`
}
