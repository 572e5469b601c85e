/**
 * What is booked by quarter hour, in a tenant's own currency, of the whole and of its sources and regions: for whoever
 * watches them. Signed sums, so that what batches changed plus what was there at their marks is the whole at the later marks.
 * Statistics, no books: amounts are plain numbers.
 */
import type { Warehouse } from '../warehouse.ts'
import {
  type BuyerScope,
  behindMarks,
  type Marks,
  type NewMarks,
  ownSales,
  paramsOf,
  QUIET,
  upToMarks,
} from './read-buyers.ts'
import { tableOf } from './scope.ts'

export const QUARTER_MS = 900_000

export interface MetricMember {
  dimension: 'total' | 'source' | 'region'
  /** '' of the total. Region: the first of region, state and country that is told. */
  member: string
}

export interface MetricSums {
  revenue: number
  /** Orders placed; cancelling one is seen in the revenue. */
  orders: number
  /** Their amounts and the squares of these. */
  sold: number
  squares: number
  /** Refunds by number. */
  refunds: number
}

export interface MetricQuarter extends MetricMember, MetricSums {
  tenant: string
  /** When it begins. */
  atMs: number
}

/** What the batches behind `from` up to `to` changed of quarters from `sinceMs` on; of all members. */
export async function readMetricChanges(
  warehouse: Warehouse,
  scope: BuyerScope,
  from: Marks,
  { to, sinceMs }: { to: NewMarks; sinceMs: number },
): Promise<MetricQuarter[]> {
  const rows = await warehouse.query<QuarterRow>(splitSql(scope, behindMarks(from, to.marks)), {
    params: { since: to.since, bookedSince: sinceMs, ...paramsOf(scope) },
    settings: QUIET,
  })
  return rows.map(quarterOf)
}

/** The members with the largest revenue at the marks, `most` of each dimension that has more than one; and the total. */
export async function readMetricMembers(
  warehouse: Warehouse,
  scope: BuyerScope,
  { marks, sinceMs, most }: { marks: Marks; sinceMs: number; most: Record<'source' | 'region', number> },
): Promise<MetricMember[]> {
  const total: MetricMember = { dimension: 'total', member: '' }
  if (marks.size === 0) return [total]
  const rows = await warehouse.query<MetricMember>(
    `SELECT dimension, member FROM (
       SELECT dimension, member, sum(q.revenue) AS value FROM (${splitSql(scope, upToMarks(marks))}) AS q
       WHERE dimension != 'total' GROUP BY dimension, member HAVING value > 0)
     ORDER BY dimension, value DESC, member LIMIT {most:UInt32} BY dimension`,
    {
      params: { bookedSince: sinceMs, most: Math.max(...Object.values(most)), ...paramsOf(scope) },
      settings: QUIET,
    },
  )
  const split = (['source', 'region'] as const).map((dimension) =>
    rows.filter((row) => row.dimension === dimension).slice(0, most[dimension]),
  )
  // One alone is the total.
  return [total, ...split.filter((members) => members.length > 1).flat()]
}

/** The quarters of these members at the marks; those in which nothing was booked are left out. */
export async function readMetricQuarters(
  warehouse: Warehouse,
  scope: BuyerScope,
  { marks, sinceMs, members }: { marks: Marks; sinceMs: number; members: readonly MetricMember[] },
): Promise<MetricQuarter[]> {
  if (marks.size === 0) return []
  const rows = await warehouse.query<QuarterRow>(
    `SELECT * FROM (${splitSql(scope, upToMarks(marks))}) AS q
     WHERE concat(dimension, '/', member) IN ({members:Array(String)}) ORDER BY quarter`,
    {
      params: {
        bookedSince: sinceMs,
        members: members.map(({ dimension, member }) => `${dimension}/${member}`),
        ...paramsOf(scope),
      },
      settings: QUIET,
    },
  )
  return rows.map(quarterOf)
}

interface QuarterRow extends MetricMember {
  tenant: string
  quarter: string
  revenue: string
  orders: string
  sold: string
  squares: number
  refunds: string
}

// Split after what is alike is summed: three rows for each entry would cost three times as much.
function splitSql(scope: BuyerScope, where: string): string {
  const sums = ['revenue', 'orders', 'sold', 'squares', 'refunds']
  return `SELECT tenant, quarter, split.1 AS dimension, split.2 AS member,
      ${sums.map((name) => `sum(b.${name}) AS ${name}`).join(', ')}
    FROM (
      SELECT tenant, intDiv(toUnixTimestamp64Milli(booked_at), ${QUARTER_MS}) AS quarter,
        arrayJoin([('total', ''), ('source', toString(source)), ('region', toString(place))]) AS split,
        sum(sign * booked_amount) AS revenue,
        sum(sign * booked_orders * (booked_kind = 'sale')) AS orders,
        sum(sign * booked_amount * (booked_kind = 'sale')) AS sold,
        sum(sign * pow(toFloat64(booked_amount), 2) * (booked_kind = 'sale')) AS squares,
        sum(sign * (booked_kind = 'refund')) AS refunds
      FROM (
        SELECT tenant, source, sign, multiIf(region != '', region, state != '', state, country) AS place,
          booked_at, booked_kind, booked_amount, booked_orders
        FROM ${tableOf(scope, 'order_changes')}
        ARRAY JOIN booked_at, booked_kind, booked_currency, booked_amount, booked_orders
        WHERE sign != 0 AND ${ownSales(scope)} AND booked_currency = currency
          AND booked_at >= fromUnixTimestamp64Milli({bookedSince:Int64}) AND ${where})
      GROUP BY tenant, quarter, source, place) AS b
    WHERE split.1 = 'total' OR split.2 != ''
    GROUP BY tenant, quarter, dimension, member`
}

function quarterOf({ tenant, quarter, dimension, member, ...sums }: QuarterRow): MetricQuarter {
  const numbers = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Number(sum)]))
  return { tenant, dimension, member, atMs: Number(quarter) * QUARTER_MS, ...(numbers as SumsOf) }
}

type SumsOf = Pick<MetricQuarter, keyof MetricSums>
