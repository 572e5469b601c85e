import type { Axis, Figures } from '../../core/contracts/tiles.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type Scope, tableOf } from './scope.ts'

/** A range of days, and of these only the minutes (UTC) that start before `beforeMs`; without it, all. */
export interface Span extends DayRange {
  beforeMs?: number
}

/** What the headline view knows; customers are counted in another one (`read-customers.ts`). */
export type Headline = Omit<Figures, 'ticket' | 'customers'>

/** Headline numbers of each span by currency. A span without rows has an empty map. */
export async function readHeadline(
  warehouse: Warehouse,
  scope: Scope & { axis: Axis },
  spans: readonly Span[],
): Promise<Map<string, Headline>[]> {
  const rows = await warehouse.query<Row>(spans.map((_, i) => selectOf(scope, i)).join('\nUNION ALL\n'), {
    params: { tenant: scope.tenant, ...spanParams(spans) },
  })
  const answers = spans.map(() => new Map<string, Headline>())
  for (const row of rows) answers[row.span]!.set(row.currency, headlineOf(row))
  return answers
}

/** The parameters `from0`, `to0`, `before0`, `from1`, … of spans. */
export function spanParams(spans: readonly Span[]): Record<string, string | number> {
  const entries = spans.flatMap(({ from, to, beforeMs = FOREVER_MS }, i) => [
    [`from${i}`, from],
    [`to${i}`, to],
    [`before${i}`, Math.floor(Math.min(beforeMs, FOREVER_MS) / 1_000)],
  ])
  return Object.fromEntries(entries)
}

/** The condition of span `i`, over columns `tenant`, `day` and `minute`. */
export const spanCondition = (i: number): string =>
  `tenant = {tenant:String} AND day BETWEEN {from${i}:Date} AND {to${i}:Date} AND minute < toDateTime({before${i}:UInt32}, 'UTC')`

// A DateTime ends in 2106.
const FOREVER_MS = Date.UTC(2106, 0, 1)

export const AMOUNTS = [
  'revenue',
  'sales',
  'refunds',
  'credits',
  'adjustments',
  'guest_revenue',
  'units',
] as const
export const COUNTS = ['refund_count', 'credit_count', 'adjustment_count', 'orders', 'guest_orders'] as const

export type HeadlineRow = Record<(typeof AMOUNTS)[number] | (typeof COUNTS)[number], string>
type Row = { span: number; currency: string } & HeadlineRow

function selectOf(scope: Scope & { axis: Axis }, i: number): string {
  const sums = [...AMOUNTS, ...COUNTS].map((column) => `sum(${scope.axis}_${column}) AS ${column}`)
  return `SELECT ${i} AS span, currency, ${sums.join(', ')}
    FROM ${tableOf(scope, 'headline')} WHERE ${spanCondition(i)} GROUP BY currency`
}

export function headlineOf(row: HeadlineRow): Headline {
  return {
    revenue: row.revenue,
    sales: row.sales,
    refunds: row.refunds,
    refundCount: Number(row.refund_count),
    credits: row.credits,
    creditCount: Number(row.credit_count),
    adjustments: row.adjustments,
    adjustmentCount: Number(row.adjustment_count),
    orders: Number(row.orders),
    units: row.units,
    guestOrders: Number(row.guest_orders),
    guestRevenue: row.guest_revenue,
  }
}
