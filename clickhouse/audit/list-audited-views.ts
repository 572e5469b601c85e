import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'

export interface AuditedColumn {
  name: string
  type: string
}

/** A view of signed sums, as the database itself describes it. */
export interface AuditedView {
  /** The table that holds the sums, e.g. `headline_v1`. */
  name: string
  database: string
  /** What each bucket should hold: the materialized view's SELECT, run over the whole base. */
  select: string
  /** The sorting key of the table; `tenant` is one of them. */
  keys: AuditedColumn[]
  sums: AuditedColumn[]
  /** The key by which buckets are old or new. `margin`: days that a local day may reach to either side of its UTC day. */
  time?: { key: string; margin: 0 | 1 }
}

export interface ViewCatalogue {
  views: AuditedView[]
  /** Materialized views that are no signed sums, with what is wrong: nobody checks them. */
  skipped: { view: string; reason: string }[]
}

/**
 * Every materialized view of a database's orders: one that a later migration adds is audited without any code. Key columns are
 * those in the sorting key of its target table, all others are sums.
 */
export async function listAuditedViews(warehouse: Warehouse, database: string): Promise<ViewCatalogue> {
  const catalogue: ViewCatalogue = { views: [], skipped: [] }
  const rows = await readViews(warehouse, database)
  // Asked second: the row that says that a view is being filled is there before the view is.
  const unfilled = await readUnfilled(warehouse, database)
  for (const row of rows) {
    // Results are no sums of orders: who computes them keeps them.
    if (!row.select.includes('order_changes')) continue
    const view = viewOf(row, database)
    const reason = faultOf(row, view) ?? (unfilled.has(view.name) ? 'it is being filled' : undefined)
    if (reason === undefined) catalogue.views.push(view)
    else catalogue.skipped.push({ view: row.name, reason })
  }
  return catalogue
}

/** One view, also one that is being filled: only who fills it may compare it. Throws VIEW_INVALID. */
export async function readAuditedView(
  warehouse: Warehouse,
  database: string,
  name: string,
): Promise<AuditedView> {
  const row = (await readViews(warehouse, database)).find(({ target }) => target === name)
  const view = row && viewOf(row, database)
  const reason = view === undefined ? 'nothing fills it' : faultOf(row!, view)
  if (view !== undefined && reason === undefined) return view
  throw new RevwallError('VIEW_INVALID', `${database}.${name} cannot be compared with the base: ${reason}.`)
}

/** A name as SQL wants it. */
export const quoted = (name: string) => `\`${name.replace(/[\\`]/g, '\\$&')}\``

export const tableOf = ({ database, name }: AuditedView) => `${quoted(database)}.${quoted(name)}`

interface ViewRow {
  name: string
  select: string
  target: string
  engine: string
  has_ttl: number
  columns: [name: string, type: string, isKey: number][]
}

/**
 * Views that clickhouse/views is filling. What they lack is on its way: mended here, it would be there twice.
 */
export async function readUnfilled(warehouse: Warehouse, database: string): Promise<ReadonlySet<string>> {
  try {
    const rows = await warehouse.query<{ view: string }>(
      `SELECT view FROM ${quoted(database)}.view_steps GROUP BY view HAVING argMax(step, seq) NOT IN ('live', 'dropped')`,
    )
    return new Set(rows.map(({ view }) => view))
  } catch (error) {
    // A database that has not been migrated yet has no such table, and then no such view.
    if (errorCode(error) !== UNKNOWN_TABLE) throw error
    return new Set()
  }
}

const UNKNOWN_TABLE = 'CLICKHOUSE_60'

// `TO database.table` is found in the statement; without it the rows are in a table that ClickHouse names by the uuid.
function readViews(warehouse: Warehouse, database: string): Promise<ViewRow[]> {
  return warehouse.query<ViewRow>(
    `WITH views AS (
       SELECT name, as_select,
         replaceAll(extract(create_table_query, '^CREATE MATERIALIZED VIEW \\\\S+ TO \\\\S+\\\\.(\\\\S+)'), '\`', '') AS named,
         if(named = '', concat('.inner_id.', toString(uuid)), named) AS target
       FROM system.tables WHERE database = {database:String} AND engine = 'MaterializedView'),
     targets AS (
       SELECT name, engine, position(engine_full, ' TTL ') > 0 AS has_ttl
       FROM system.tables WHERE database = {database:String}),
     columns AS (
       SELECT table, arrayMap(c -> (c.2, c.3, c.4), arraySort(groupArray((position, name, type, is_in_sorting_key)))) AS columns
       FROM system.columns WHERE database = {database:String} GROUP BY table)
     SELECT views.name AS name, as_select AS select, target, engine, has_ttl, columns
     FROM views LEFT JOIN targets ON targets.name = target LEFT JOIN columns ON columns.table = target
     ORDER BY name`,
    { params: { database } },
  )
}

function viewOf({ target, select, columns }: ViewRow, database: string): AuditedView {
  const pick = (isKey: number) =>
    columns.filter((column) => column[2] === isKey).map(([name, type]) => ({ name, type }))
  const keys = pick(1)
  return { name: target, database, select, keys, sums: pick(0), time: timeOf(keys) }
}

function timeOf(keys: AuditedColumn[]): AuditedView['time'] {
  const time = keys.find(({ type }) => /^Date/.test(type))
  if (time === undefined) return undefined
  return { key: time.name, margin: /^Date(32)?$/.test(time.type) ? 0 : 1 }
}

function faultOf({ engine, has_ttl }: ViewRow, { keys, sums }: AuditedView): string | undefined {
  if (engine !== 'SummingMergeTree')
    return `its table's engine is ${engine || 'unknown'}, not SummingMergeTree`
  // Rows behind the edge are gone from the view but not from the base.
  if (has_ttl) return 'its table has a TTL'
  if (!keys.some(({ name }) => name === 'tenant')) return 'tenant is not in its key'
  // A float is never exact, and an unsigned number cannot hold a difference.
  const other = sums.find(({ type }) => !/^(Int(8|16|32|64)|Decimal\()/.test(type))
  return other && `${other.name} is ${other.type}, not a signed integer or decimal`
}
