import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

/** What the sums of `breakdowns_v1` can be split by, as they stand there. */
export const DIMENSIONS = ['region', 'state', 'country', 'channel', 'rep', 'status'] as const
export type Dimension = (typeof DIMENSIONS)[number]

export interface BreakdownSums {
  revenue: string
  sales: string
  refunds: string
  orders: number
  units: string
  /** Revenue less shipping and tax as told (the comment of the column has the rule). */
  commissionBase: string
  /** Orders, credits and adjustments placed on these days, whether they count or not, on either axis. */
  placed: number
}

export interface Breakdown {
  /** The largest by revenue; an empty value was not told. */
  values: (BreakdownSums & { value: string })[]
  /** All values behind these, and how many; null: there are none. */
  other: (BreakdownSums & { values: number }) | null
  total: BreakdownSums
}

/** A range by one dimension, the largest revenue first: values, other and total add up, since one scan makes them. */
export async function readBreakdown(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { dimension: Dimension; limit: number },
): Promise<Breakdown> {
  const { tenant, currency, from, to, axis, dimension, limit } = scope
  const columns = MEASURES.map(([name, column]) => `sum(${column(axis)}) AS ${name}`).join(', ')
  const again = MEASURES.map(([name]) => `sum(b.${name}) AS ${name}`).join(', ')
  const rows = await warehouse.query<Row>(
    `SELECT rank <= {limit:UInt32} AS is_shown, if(is_shown, value, '') AS shown, grouping(shown) AS is_total,
       count() AS values, min(b.rank) AS first_rank, ${again}
     FROM (
       SELECT value, row_number() OVER (ORDER BY revenue DESC, value) AS rank, ${MEASURES.map(([name]) => name).join(', ')}
       FROM (SELECT value, ${columns} FROM ${tableOf(scope, 'breakdowns')}
         WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND dimension = {dimension:String}
           AND currency = {currency:String}
         GROUP BY value HAVING revenue != 0 OR sales != 0 OR orders != 0 OR units != 0 OR placed != 0)) AS b
     GROUP BY GROUPING SETS ((), (is_shown, shown)) ORDER BY is_total, is_shown DESC, first_rank`,
    {
      params: { tenant, currency, from, to, dimension, limit },
      settings: { force_grouping_standard_compatibility: 1 },
    },
  )
  return breakdownOf(rows)
}

/** As they are called here, and their column on an axis. */
const MEASURES: readonly [name: string, column: (axis: string) => string][] = [
  ...['revenue', 'sales', 'refunds', 'orders', 'units', 'commission_base'].map(
    (name): [string, (axis: string) => string] => [name, (axis) => `${axis}_${name}`],
  ),
  ['placed', () => 'sale_placed'],
]

interface Row {
  shown: string
  is_shown: number
  is_total: number | string
  values: string
  revenue: string
  sales: string
  refunds: string
  orders: string
  units: string
  commission_base: string
  placed: string
}

function breakdownOf(rows: readonly Row[]): Breakdown {
  const breakdown: Breakdown = { values: [], other: null, total: NOTHING }
  for (const row of rows) {
    const sums = sumsOf(row)
    if (Number(row.is_total) === 1) breakdown.total = sums
    else if (row.is_shown === 1) breakdown.values.push({ value: row.shown, ...sums })
    else breakdown.other = { values: Number(row.values), ...sums }
  }
  return breakdown
}

const NOTHING: BreakdownSums = {
  revenue: '0',
  sales: '0',
  refunds: '0',
  orders: 0,
  units: '0',
  commissionBase: '0',
  placed: 0,
}

function sumsOf(row: Row): BreakdownSums {
  const { revenue, sales, refunds, units } = row
  return {
    revenue,
    sales,
    refunds,
    orders: Number(row.orders),
    units,
    commissionBase: row.commission_base,
    placed: Number(row.placed),
  }
}
