/**
 * Why revenue moved: what each source, region, customer, article and order brought to the difference between two spans of
 * time. Read from the base table, for no view knows minutes by customer; the sums are those of the views.
 */
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import { type MoneyScope, tableOf } from './scope.ts'

/** A part of a local day; null: from its beginning, to its end, with what was cut in another zone. */
export interface DaySpan {
  day: string
  fromMs: number | null
  /** Not included. */
  toMs: number | null
}

export interface Change {
  now: string
  before: string
  change: string
}

/** `key`: '' is what has none (guests, orders without a region). */
export interface Contribution extends Change {
  key: string
  /** Of articles: the name. */
  name: string
}

/** `others`: what is not among the rows, so that all together are the whole difference. */
export interface Contributions {
  dimension: ContributionDimension
  rows: Contribution[]
  others: Change
}

export interface OrderContribution extends Change {
  source: string
  orderId: string
}

export interface ExplainedChange {
  revenue: Change
  /** Sales; cancelled ones are taken off on the day of the cancellation. */
  orders: { now: number; before: number }
  contributions: Contributions[]
  /** The largest differences; an order that was sold before and is no news now is one of them. */
  largest: OrderContribution[]
}

/** Of articles `others` is shipping, tax, edits and whatever no line has, too. */
export const CONTRIBUTION_DIMENSIONS = [
  'kind',
  'source',
  'channel',
  'country',
  'region',
  'product',
  'customer',
] as const
export type ContributionDimension = (typeof CONTRIBUTION_DIMENSIONS)[number]

export interface ChangeQuestion extends MoneyScope {
  now: DaySpan
  before: DaySpan
  /** Rows of each dimension. */
  limit: number
}

/** As long as a proof: the base table is read whole for a day of it. */
const SECONDS = 10
const OF_SALE = "(kind_of IN ('sale', 'edit', 'cancel', 'restore'))"

export async function explainChange(
  warehouse: Warehouse,
  question: ChangeQuestion,
): Promise<ExplainedChange> {
  const { tenant, currency, now, before, limit } = question
  const params = {
    ...{ tenant, currency, limit, nowDay: now.day, beforeDay: before.day },
    ...{ nowFrom: now.fromMs ?? EARLIEST, nowTo: now.toMs ?? LATEST },
    ...{ beforeFrom: before.fromMs ?? EARLIEST, beforeTo: before.toMs ?? LATEST },
  }
  const settings = { max_execution_time: SECONDS, max_threads: 2 }
  const [entries, lines] = await Promise.all([
    warehouse.query<EntryRow>(entriesSql(question), { params, settings }),
    warehouse.query<LineRow>(linesSql(question), { params, settings }),
  ])
  const total = entries.find(({ dimension }) => dimension === 'total')
  const revenue = changeOf(total ?? NOTHING)
  const rowsOf = (dimension: ContributionDimension): Contribution[] =>
    dimension === 'product'
      ? lines.map((row) => ({ key: row.sku, name: row.name, ...changeOf(row) }))
      : entries
          .filter((row) => row.dimension === dimension)
          .map((row) => ({ key: row.key, name: '', ...changeOf(row) }))
  return {
    revenue,
    orders: { now: Number(total?.orders_now ?? 0), before: Number(total?.orders_before ?? 0) },
    contributions: CONTRIBUTION_DIMENSIONS.map((dimension) => {
      const rows = rowsOf(dimension)
      return { dimension, rows, others: othersOf(revenue, rows) }
    }),
    largest: entries
      .filter(({ dimension }) => dimension === 'order')
      .map((row) => ({ source: row.key, orderId: row.order_id, ...changeOf(row) })),
  }
}

/** Beyond every instant that is stored, in ms. */
const EARLIEST = -1e15
const LATEST = 1e15

interface Sums {
  now: string
  before: string
}
interface EntryRow extends Sums {
  dimension: string
  key: string
  order_id: string
  orders_now: string
  orders_before: string
}
interface LineRow extends Sums {
  sku: string
  name: string
}
const NOTHING: Sums = { now: '0', before: '0' }

function changeOf({ now, before }: Sums): Change {
  return { now, before, change: fromE4(sumToE4(now) - sumToE4(before)) }
}

function othersOf(whole: Change, rows: readonly Change[]): Change {
  const rest = (pick: (change: Change) => string) =>
    fromE4(rows.reduce((left, row) => left - sumToE4(pick(row)), sumToE4(pick(whole))))
  return {
    now: rest((change) => change.now),
    before: rest((change) => change.before),
    change: rest((change) => change.change),
  }
}

/** True in the one span, false in the other; null in neither. */
const spanOf = (day: string, at: string) => `multiIf(
      ${day} = {nowDay:Date} AND toUnixTimestamp64Milli(${at}) >= {nowFrom:Int64} AND toUnixTimestamp64Milli(${at}) < {nowTo:Int64}, true,
      ${day} = {beforeDay:Date} AND toUnixTimestamp64Milli(${at}) >= {beforeFrom:Int64} AND toUnixTimestamp64Milli(${at}) < {beforeTo:Int64}, false,
      NULL)`

const SUMS = 'sumIf(amount, is_now) AS now, sumIf(amount, NOT is_now) AS before'
const LARGEST = 'ORDER BY abs(now - before) DESC'

/** What is booked, by everything that an order has once; the key of an order is its source and its id. */
function entriesSql({ axis, ...scope }: ChangeQuestion): string {
  const [day, at] = axis === 'booked' ? ['day_of', 'at_of'] : ['sale_day', 'placed_at']
  return `SELECT split.1 AS dimension, split.2 AS key, split.3 AS order_id, ${SUMS},
      sumIf(orders_of, is_now) AS orders_now, sumIf(orders_of, NOT is_now) AS orders_before
    FROM (
      SELECT amount, orders_of, is_now, arrayJoin([('total', '', ''), ('kind', booked_as, ''), ('source', source, ''),
        ('channel', channel, ''), ('country', country, ''), ('region', region, ''), ('customer', customer, ''),
        ('order', source, order_id)]) AS split
      FROM (
        SELECT source, channel, country, region, customer, order_id, if(${OF_SALE}, 'sale', kind_of) AS booked_as,
          sign * amount_of AS amount, sign * count_of * ${OF_SALE} AS orders_of, ${spanOf(day!, at!)} AS is_now
        FROM ${tableOf(scope, 'order_changes')}
        ARRAY JOIN booked_day AS day_of, booked_at AS at_of, booked_kind AS kind_of, booked_currency AS currency_of,
          booked_amount AS amount_of, booked_orders AS count_of
        WHERE tenant = {tenant:String} AND sign != 0 AND currency_of = {currency:String} AND is_now IS NOT NULL
      )
    )
    GROUP BY dimension, key, order_id
    HAVING dimension = 'total' OR now != before
    ${LARGEST}, key, order_id LIMIT {limit:UInt32} BY dimension`
}

/**
 * Lines as the view of articles has them: as the order has them now, at its first booked entry; those of refunds at the
 * refund.
 */
function linesSql({ axis, ...scope }: ChangeQuestion): string {
  const first = 'arrayWithConstant(length(line_sku)'
  const returned = 'arrayMap(one -> refund_at[indexOf(refund_id, one)], refund_line_refund)'
  const [day, at] = axis === 'booked' ? ['day_of', 'at_of'] : ['sale_day', 'placed_at']
  return `SELECT sku, argMax(name_of, (name_of != '', taken_at)) AS name, ${SUMS}
    FROM (
      SELECT sku, name_of, taken_at, sign * factor * amount_of AS amount, ${spanOf(day!, at!)} AS is_now
      FROM ${tableOf(scope, 'order_changes')}
      ARRAY JOIN arrayConcat(line_sku, refund_line_sku) AS sku, arrayConcat(line_name, refund_line_name) AS name_of,
        arrayConcat(${first}, booked_day[1]), refund_line_day) AS day_of,
        arrayConcat(${first}, booked_at[1]), ${returned}) AS at_of,
        arrayConcat(${first}, 1), arrayWithConstant(length(refund_line_sku), -1)) AS factor,
        arrayConcat(line_amount, refund_line_amount) AS amount_of
      WHERE tenant = {tenant:String} AND sign != 0 AND counts AND kind IN ('sale', 'credit')
        AND currency = {currency:String} AND is_now IS NOT NULL
    )
    GROUP BY sku HAVING now != before
    ${LARGEST}, sku LIMIT {limit:UInt32}`
}
