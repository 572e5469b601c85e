import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface Total {
  revenue: string
  sales: string
  refunds: string
  orders: number
  units: string
}

export interface Totals {
  total: Total
  /** `month` is YYYY-MM. */
  byMonth: (Total & { month: string })[]
  byCountry: (Total & { country: string })[]
  byMonthAndCountry: (Total & { month: string; country: string })[]
}

/** Sums over a range of days: whole, by month, by country, and by both. One scan, so that they agree. */
export async function readTotals(warehouse: Warehouse, scope: MoneyScope & DayRange): Promise<Totals> {
  const { tenant, currency, from, to, axis } = scope
  const sums = ['revenue', 'sales', 'refunds', 'orders', 'units']
  const rows = await warehouse.query<Row>(
    `SELECT formatDateTime(day, '%Y-%m') AS month, country, grouping(month) AS every_month,
       grouping(country) AS every_country, ${sums.map((name) => `sum(${axis}_${name}) AS ${name}`).join(', ')}
     FROM ${tableOf(scope, 'quarter_hours')}
     WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}
     GROUP BY GROUPING SETS ((), (month), (country), (month, country))
     ORDER BY month, country`,
    { params: { tenant, currency, from, to }, settings: { force_grouping_standard_compatibility: 1 } },
  )
  return totalsOf(rows)
}

interface Row {
  month: string
  country: string
  every_month: number | string
  every_country: number | string
  revenue: string
  sales: string
  refunds: string
  orders: string
  units: string
}

function totalsOf(rows: readonly Row[]): Totals {
  const totals: Totals = { total: NOTHING, byMonth: [], byCountry: [], byMonthAndCountry: [] }
  for (const row of rows) {
    const total = totalOf(row)
    const { month, country } = row
    const everyMonth = Number(row.every_month) === 1
    const everyCountry = Number(row.every_country) === 1
    if (everyMonth && everyCountry) totals.total = total
    else if (everyCountry) totals.byMonth.push({ month, ...total })
    else if (everyMonth) totals.byCountry.push({ country, ...total })
    else totals.byMonthAndCountry.push({ month, country, ...total })
  }
  return totals
}

const NOTHING: Total = { revenue: '0', sales: '0', refunds: '0', orders: 0, units: '0' }

function totalOf({ revenue, sales, refunds, orders, units }: Row): Total {
  return { revenue, sales, refunds, orders: Number(orders), units }
}
