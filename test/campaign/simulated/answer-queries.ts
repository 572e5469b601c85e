/** What the simulated server answers to each query, from its tables, as ClickHouse's JSON says it. */
import {
  type ChangeRow,
  type ColumnKind,
  ORDER_CHANGES_COLUMNS,
} from '../../../clickhouse/native/order-row.ts'
import { fromE4 } from '../../../core/contracts/money.ts'
import { formatDay } from '../../../core/runtime/local-time.ts'
import { answerComparison, daysOfView, listViews, recentDaysOfView } from './answer-audits.ts'
import type { Recognised } from './sql-shapes.ts'
import type { StoredTables } from './stored-tables.ts'

export interface Server {
  tables: StoredTables
  now: number
  startedAt: number
  /** Ids and kinds of what runs. */
  running: Iterable<{ id: string; kind: string }>
}

type Params = Record<string, unknown>

/** Rows of a SELECT. */
export function answerQuery(
  { name, found }: Recognised,
  sql: string,
  params: Params,
  server: Server,
): object[] {
  const { tables } = server
  switch (name) {
    case 'lastMark':
      return lastMark(params, tables)
    case 'chain':
      return [chainOf(marksOf(params, tables))]
    case 'isTaken': {
      const isThere = (some: boolean) => String(Number(some))
      return [
        { rows: isThere(tables.changes.length > 0), marks: isThere(partitionsOf(params, tables).length > 0) },
      ]
    }
    case 'lastPartition':
      return partitionsOf(params, tables)
        .sort((a, b) => b - a)
        .slice(0, 1)
        .map((partition) => ({ partition }))
    case 'keys':
      return keysOf(params, tables)
    case 'keyCount':
      return [{ orders: String(keysOf(params, tables).length) }]
    case 'rows':
      return presentRows(sql, params, tables)
    case 'daysBehind':
      return daysBehind(params, tables)
    case 'running':
      return [{ running: String([...server.running].filter(({ id }) => id === params.id).length) }]
    case 'runningInserts':
      return [...server.running]
        .filter(({ id, kind }) => kind === 'Insert' && id.startsWith(String(params.idPrefix)))
        .map(({ id }) => ({ query_id: id }))
    case 'openBarriers':
      return tables.openBarriers(server.now).map(({ id }) => ({ id }))
    case 'firstPrefix':
    case 'nextPrefix':
      return nextPrefix(params, tables)
    case 'newestMarks':
      return newestMarks(params, tables)
    case 'serverStart':
      return [{ start: String(Math.floor(server.startedAt / 1_000)) }]
    case 'lives':
      return tables.lives.map(({ start, state }) => ({ start: String(start), state }))
    case 'views':
      return listViews()
    case 'viewSteps':
      return []
    case 'viewDays':
      return daysOfView(tables.view(found[0]!))
    case 'recentDays':
      return recentDaysOfView(tables.view(found[0]!))
    case 'comparison':
      return answerComparison(found, tables)
    default:
      throw new Error(`${name} is no query`)
  }
}

function marksOf({ topic, prefix }: Params, tables: StoredTables): readonly ChangeRow[] {
  return tables.marks(String(topic), Number.parseInt(String(prefix), 10))
}

function partitionsOf({ topic }: Params, tables: StoredTables): number[] {
  return tables.topics().flatMap((one) => (one.topic === topic ? [one.partition] : []))
}

function lastMark({ topic, prefix, from }: Params, tables: StoredTables): object[] {
  const first = Number(String(from).split('/')[1])
  const mark = tables.lastMark(String(topic), Number.parseInt(String(prefix), 10), first)
  return mark === undefined ? [] : [asJson(mark)]
}

function chainOf(marks: readonly ChangeRow[]): object {
  const breaks = marks.filter((mark, i) => i > 0 && mark.markFirst !== marks[i - 1]!.markLast + 1)
  const [first] = marks
  const opened = first !== undefined && first.markLast === first.markFirst - 1
  return { marks: String(marks.length), breaks: String(breaks.length), opened: Number(opened) }
}

function keysOf({ topic, partition, mark }: Params, tables: StoredTables): KeyRow[] {
  return tables.changes
    .filter((row) => isOf(row, { topic, partition, mark }) && row.revision === 1)
    .map((row) => ({ tenant: row.tenant, source: row.source, order_id: row.orderId }))
}

type KeyRow = { tenant: string; source: string; order_id: string }

function isOf(row: ChangeRow, { topic, partition, mark }: Params): boolean {
  const isThere = row.sign === 1 && row.topic === topic && row.partition === partition
  return isThere && row.offset <= Number(mark)
}

const LITERAL = /'((?:[^'\\]|\\.)*)'/g

function presentRows(sql: string, params: Params, tables: StoredTables): object[] {
  const list = sql.slice(sql.indexOf(' IN ('), sql.indexOf('AND sign = 1'))
  const texts = [...list.matchAll(LITERAL)].map(([, text]) => text!.replace(/\\(.)/g, '$1'))
  const wanted = new Set<string>()
  for (let i = 0; i < texts.length; i += 3) wanted.add(texts.slice(i, i + 3).join('/'))
  const present = new Map<string, ChangeRow>()
  for (const row of tables.changes) {
    const key = `${row.tenant}/${row.source}/${row.orderId}`
    if (!wanted.has(key) || !isOf(row, params)) continue
    if (row.revision > (present.get(key)?.revision ?? 0)) present.set(key, row)
  }
  return [...present.values()].map(asJson)
}

function daysBehind({ topic, partition, offset }: Params, tables: StoredTables): object[] {
  const rows = tables.changes.filter(
    (row) => row.topic === topic && row.partition === partition && row.offset > Number(offset),
  )
  const days = rows.flatMap(({ saleDay, bookedDay, refundLineDay }) => [
    saleDay,
    ...bookedDay,
    ...refundLineDay,
  ])
  return [...new Set(days)].sort((a, b) => a - b).map((day) => ({ day: formatDay(day) }))
}

function nextPrefix({ topic = '', end = '' }: Params, tables: StoredTables): object[] {
  const all = tables.topics().map((one) => ({
    topic: one.topic,
    order_id: tables.marks(one.topic, one.partition)[0]!.orderId,
  }))
  const behind = all.filter(
    (one) => one.topic > String(topic) || (one.topic === topic && one.order_id > String(end)),
  )
  return behind.sort((a, b) => (a.topic + a.order_id < b.topic + b.order_id ? -1 : 1)).slice(0, 1)
}

function newestMarks(params: Params, tables: StoredTables): object[] {
  const rows: object[] = []
  for (let i = 0; params[`topic${i}`] !== undefined; i++) {
    const partition = Number.parseInt(String(params[`prefix${i}`]), 10)
    const mark = tables.lastMark(String(params[`topic${i}`]), partition)
    if (mark !== undefined) rows.push({ ...asJson(mark), topic: mark.topic, taken_ms: String(mark.takenAt) })
  }
  return rows
}

function asJson(row: ChangeRow): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const { name, field, kind, array } of ORDER_CHANGES_COLUMNS) {
    const value: unknown = row[field]
    json[name] = array ? (value as unknown[]).map((item) => textOf(item, kind)) : textOf(value, kind)
  }
  return json
}

function textOf(value: unknown, kind: ColumnKind): unknown {
  if (value === null || kind === 'string') return value
  const number = value as number
  if (kind === 'int') return String(number)
  if (kind === 'day') return formatDay(number)
  if (kind === 'decimal' || kind === 'nullable-decimal') return fromE4(number)
  return new Date(number).toISOString().replace('T', ' ').replace('Z', '')
}
