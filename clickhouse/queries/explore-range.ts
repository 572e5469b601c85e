/**
 * A range of days by day and by one side of it, held to any of them. Views answer what they can be asked, the base table the
 * rest: a −1 row is a copy of the +1 row that it takes back, so a filter keeps both or neither.
 */
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export const EXPLORE_SIDES = ['source', 'channel', 'country', 'region', 'state', 'rep'] as const
export type ExploreSide = (typeof EXPLORE_SIDES)[number]

/** Values of the orders' present state; empty: not told. Without a name: any. */
export type ExploreFilters = { [side in ExploreSide | 'customer']?: string | undefined }

export interface RangeSums {
  revenue: string
  sales: string
  /** Negative. */
  refunds: string
  orders: number
  units: string
}

export interface ExploredRange {
  total: RangeSums
  /** Days on which something was booked (or sold), in their order. */
  days: (RangeSums & { day: string })[]
  /** The largest by revenue. */
  values: (RangeSums & { value: string })[]
  /** What is not among them; null: nothing. */
  others: (RangeSums & { values: number }) | null
  /** Every currency that the range has, by name; amounts are of the asked one alone. */
  currencies: string[]
}

export interface ExploreQuestion extends MoneyScope, DayRange {
  by: ExploreSide
  filters: ExploreFilters
  /** Values that are told apart. */
  limit: number
}

/** The base table is read whole for its tenant. */
const SECONDS = 10
const SUMS = ['revenue', 'sales', 'refunds', 'orders', 'units'] as const
const COLUMNS: Record<keyof ExploreFilters, string> = {
  source: 'source',
  channel: 'channel',
  country: 'country',
  region: 'region',
  state: 'state',
  rep: 'sales_rep',
  customer: 'customer',
}
const OF_VIEW: ReadonlySet<string> = new Set(['source', 'country'])

export async function exploreRange(warehouse: Warehouse, question: ExploreQuestion): Promise<ExploredRange> {
  const { tenant, currency, from, to, by, filters, limit } = question
  const held = Object.entries(filters).filter(([, value]) => value !== undefined) as [ExploreSide, string][]
  const isOfView = [by, ...held.map(([side]) => side)].every((side) => OF_VIEW.has(side))
  const where = held.map(([side]) => ` AND ${COLUMNS[side]} = {held_${side}:String}`).join('')
  const params = {
    ...{ tenant, currency, from, to },
    ...Object.fromEntries(held.map(([side, value]) => [`held_${side}`, value])),
  }
  const settings = {
    force_grouping_standard_compatibility: 1,
    ...(isOfView ? {} : { max_execution_time: SECONDS, max_threads: 2 }),
  }
  const [rows, currencies] = await Promise.all([
    warehouse.query<Row>(
      `SELECT day, value, grouping(day) AS every_day, grouping(value) AS every_value,
         ${SUMS.map((name) => `sum(r.${name}) AS ${name}`).join(', ')}
       FROM (${isOfView ? viewSql(question, where) : baseSql(question, where)}) AS r
       GROUP BY GROUPING SETS ((), (day), (value))
       ORDER BY every_day, day, revenue DESC, value`,
      { params, settings },
    ),
    readCurrencies(warehouse, question),
  ])
  const values = rows.filter((row) => Number(row.every_value) === 0 && !isNothing(row))
  const whole = rows.find((row) => Number(row.every_day) === 1 && Number(row.every_value) === 1)
  return {
    total: sumsOf(whole ?? NOTHING),
    days: rows
      .filter((row) => Number(row.every_day) === 0 && !isNothing(row))
      .map((row) => ({ day: row.day, ...sumsOf(row) })),
    values: values.slice(0, limit).map((row) => ({ value: row.value, ...sumsOf(row) })),
    others: othersOf(values.slice(limit)),
    currencies,
  }
}

type Sums = Record<(typeof SUMS)[number], string>
interface Row extends Sums {
  day: string
  value: string
  every_day: number | string
  every_value: number | string
}
const NOTHING: Sums = { revenue: '0', sales: '0', refunds: '0', orders: '0', units: '0' }
const isNothing = (row: Sums) => SUMS.every((name) => sumToE4(row[name]) === 0n)

function sumsOf({ revenue, sales, refunds, orders, units }: Sums): RangeSums {
  return { revenue, sales, refunds, orders: Number(orders), units }
}

function othersOf(rows: readonly Sums[]): ExploredRange['others'] {
  if (rows.length === 0) return null
  const sum = (name: keyof Sums) => fromE4(rows.reduce((whole, row) => whole + sumToE4(row[name]), 0n))
  return {
    values: rows.length,
    ...{ revenue: sum('revenue'), sales: sum('sales'), refunds: sum('refunds'), units: sum('units') },
    orders: rows.reduce((whole, { orders }) => whole + Number(orders), 0),
  }
}

const DAYS = 'day BETWEEN {from:Date} AND {to:Date}'

function viewSql({ axis, by, ...scope }: ExploreQuestion, where: string): string {
  return `SELECT day, ${COLUMNS[by]} AS value, ${SUMS.map((name) => `${axis}_${name} AS ${name}`).join(', ')}
    FROM ${tableOf(scope, 'quarter_hours')}
    WHERE tenant = {tenant:String} AND ${DAYS} AND currency = {currency:String}${where}`
}

/** Reckoned as the views reckon (clickhouse/migrations, quarter_hours). */
function baseSql({ axis, by, ...scope }: ExploreQuestion, where: string): string {
  return `SELECT ${axis === 'booked' ? 'day_of' : 'sale_day'} AS day, ${COLUMNS[by]} AS value,
      kind_of IN ('sale', 'edit', 'cancel', 'restore') AS of_sale, sign * amount_of AS revenue,
      revenue * of_sale AS sales, revenue * (kind_of = 'refund') AS refunds, sign * count_of * of_sale AS orders,
      sign * units_of * (kind_of != 'adjustment') AS units
    FROM ${tableOf(scope, 'order_changes')}
    ARRAY JOIN booked_day AS day_of, booked_kind AS kind_of, booked_currency AS currency_of, booked_amount AS amount_of,
      booked_orders AS count_of, booked_units AS units_of
    WHERE tenant = {tenant:String} AND sign != 0 AND ${DAYS} AND currency_of = {currency:String}${where}`
}

async function readCurrencies(warehouse: Warehouse, question: ExploreQuestion): Promise<string[]> {
  const { tenant, from, to } = question
  const rows = await warehouse.query<{ currency: string }>(
    `SELECT DISTINCT currency FROM ${tableOf(question, 'quarter_hours')}
     WHERE tenant = {tenant:String} AND ${DAYS} ORDER BY currency`,
    { params: { tenant, from, to } },
  )
  return rows.map(({ currency }) => currency)
}
