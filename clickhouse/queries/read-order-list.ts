/**
 * Orders by page and filter, out of the base table. A −1 row is a copy of the +1 row that it takes back, so a filter keeps
 * both or neither: what is left of an order after any filter is its present state, or nothing. No view is needed, and the
 * number of orders that match is the sum of the signs.
 */
import type { Warehouse } from '../warehouse.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import { type DayRange, type Scope, tableOf, toIso } from './scope.ts'

export const ORDER_SORTS = ['newest', 'oldest', 'largest', 'smallest'] as const
export type OrderSort = (typeof ORDER_SORTS)[number]

/** Present values that an order must have; undefined: any. */
export interface OrderFilters {
  status?: string | undefined
  country?: string | undefined
  source?: string | undefined
  customer?: string | undefined
  channel?: string | undefined
  currency?: string | undefined
  /** Part of the order's id or of the customer's, whatever its case. */
  search?: string | undefined
}

/** Days are sale days. */
export interface OrderQuestion extends Scope, DayRange, OrderFilters {
  /** Amounts of two currencies have no order: `largest` and `smallest` need a currency. */
  sort: OrderSort
  limit: number
  after?: Keyset | undefined
}

export interface OrderListRow {
  source: string
  orderId: string
  kind: string
  status: string
  counts: boolean
  placedAt: string
  saleDay: string
  changedAt: string
  /** Empty: a guest. */
  customer: string
  country: string
  channel: string
  salesRep: string
  currency: string
  gross: string
  refunded: string
  net: string
  lines: number
  revision: number
}

export interface OrderPage extends Page<OrderListRow> {
  /** Of all pages. */
  total: number
}

export async function readOrderList(warehouse: Warehouse, question: OrderQuestion): Promise<OrderPage> {
  const [total, rows] = await Promise.all([readTotal(warehouse, question), readRows(warehouse, question)])
  const page = pageOf(rows, question.limit, (row) => ({
    value: String(row.present[PRESENT.indexOf(SORTS[question.sort].column)]),
    keys: [row.source, row.order_id],
  }))
  return { total, rows: page.rows.map(orderOf), next: page.next }
}

const SORTS = {
  newest: { column: 'placed_at', type: "DateTime64(3, 'UTC')", direction: 'DESC', behind: '<' },
  oldest: { column: 'placed_at', type: "DateTime64(3, 'UTC')", direction: 'ASC', behind: '>' },
  largest: { column: 'net', type: 'Decimal(18, 4)', direction: 'DESC', behind: '<' },
  smallest: { column: 'net', type: 'Decimal(18, 4)', direction: 'ASC', behind: '>' },
} as const satisfies Record<OrderSort, unknown>

const EQUAL = ['status', 'country', 'source', 'customer', 'channel', 'currency'] as const

function filterSql(question: OrderQuestion): string {
  const equal = EQUAL.filter((name) => question[name] !== undefined).map(
    (name) => `${name} = {${name}:String}`,
  )
  const search =
    question.search === undefined
      ? []
      : [
          '(positionCaseInsensitiveUTF8(order_id, {search:String}) > 0 OR positionCaseInsensitiveUTF8(customer, {search:String}) > 0)',
        ]
  const days = 'sale_day BETWEEN {from:Date} AND {to:Date}'
  return ['tenant = {tenant:String}', 'sign != 0', days, ...equal, ...search].join(' AND ')
}

function paramsOf({ tenant, from, to, search, after, ...question }: OrderQuestion) {
  const equal = EQUAL.flatMap((name) => (question[name] === undefined ? [] : [[name, question[name]]]))
  return {
    ...{ tenant, from, to },
    ...Object.fromEntries(equal),
    ...(search === undefined ? {} : { search }),
    ...(after === undefined ? {} : { value: after.value, key0: after.keys[0], key1: after.keys[1] }),
  }
}

async function readTotal(warehouse: Warehouse, question: OrderQuestion): Promise<number> {
  const [row] = await warehouse.query<{ orders: string }>(
    `SELECT sum(toInt64(sign)) AS orders FROM ${tableOf(question, 'order_changes')} WHERE ${filterSql(question)}`,
    { params: paramsOf(question) },
  )
  return Number(row?.orders ?? 0)
}

/**
 * Only rows up to an edge are grouped, so that a page of millions of orders costs a look at one column of them and not a
 * table of all in memory. All rows of an order that share its sort value are on one side of the edge.
 */
async function readRows(warehouse: Warehouse, question: OrderQuestion): Promise<Row[]> {
  const wanted = question.limit + 1
  for (let window = wanted * 4; ; window *= 16) {
    const edge = window > MAX_WINDOW_ROWS ? undefined : await readEdge(warehouse, question, window)
    const rows = await readUpTo(warehouse, question, edge)
    if (edge === undefined || rows.length >= wanted) return rows
  }
}

/** Where so many rows cancel each other out, all are grouped: the query's own limits say when that is too much. */
const MAX_WINDOW_ROWS = 5_000_000

interface Row {
  source: string
  order_id: string
  /** Values of PRESENT. */
  present: (string | number)[]
}

/** The value of the row that stands so many rows behind the beginning; undefined: there are no more. */
async function readEdge(
  warehouse: Warehouse,
  question: OrderQuestion,
  window: number,
): Promise<string | undefined> {
  const { column, direction } = SORTS[question.sort]
  const [row] = await warehouse.query<{ value: string }>(
    `SELECT ${column} AS value FROM ${tableOf(question, 'order_changes')} WHERE ${whereOf(question)}
     ORDER BY ${column} ${direction} LIMIT 1 OFFSET {window:UInt32}`,
    { params: { ...paramsOf(question), window: window - 1 } },
  )
  return row?.value
}

function readUpTo(warehouse: Warehouse, question: OrderQuestion, edge: string | undefined): Promise<Row[]> {
  const { column, type, direction } = SORTS[question.sort]
  const upTo = edge === undefined ? '' : ` AND ${column} ${direction === 'DESC' ? '>=' : '<='} {edge:${type}}`
  return warehouse.query<Row>(
    `SELECT source, order_id, argMax((${PRESENT.join(', ')}), (revision, sign)) AS present
     FROM ${tableOf(question, 'order_changes')} WHERE ${whereOf(question)}${upTo}
     GROUP BY source, order_id HAVING sum(sign) > 0
     ORDER BY present.${PRESENT.indexOf(column) + 1} ${direction}, source, order_id LIMIT {wanted:UInt32}`,
    {
      params: { ...paramsOf(question), ...(edge === undefined ? {} : { edge }), wanted: question.limit + 1 },
    },
  )
}

/** The filters, and behind the last row of the page before. */
function whereOf(question: OrderQuestion): string {
  if (question.after === undefined) return filterSql(question)
  const { column, type, behind } = SORTS[question.sort]
  return `${filterSql(question)} AND (${column} ${behind} {value:${type}}
    OR (${column} = {value:${type}} AND (source, order_id) > ({key0:String}, {key1:String})))`
}

/** Of the row with the largest revision, of its two the one that is. */
const PRESENT = [
  ...['placed_at', 'net', 'kind', 'status', 'counts', 'sale_day', 'changed_at', 'customer', 'country'],
  ...['channel', 'sales_rep', 'currency', 'gross', 'refunded', 'revision', 'length(line_sku)'],
]

function orderOf({ source, order_id, present }: Row): OrderListRow {
  const of = (name: string) => String(present[PRESENT.indexOf(name)])
  return {
    source,
    orderId: order_id,
    kind: of('kind'),
    status: of('status'),
    counts: of('counts') === '1',
    placedAt: toIso(of('placed_at')),
    saleDay: of('sale_day'),
    changedAt: toIso(of('changed_at')),
    customer: of('customer'),
    country: of('country'),
    channel: of('channel'),
    salesRep: of('sales_rep'),
    currency: of('currency'),
    gross: of('gross'),
    refunded: of('refunded'),
    net: of('net'),
    lines: Number(of('length(line_sku)')),
    revision: Number(of('revision')),
  }
}
