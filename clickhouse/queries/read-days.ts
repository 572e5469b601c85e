/**
 * Days as the wall's hero and chart show them, in one query: figures, customers, and the line. What a query costs is its
 * planning, by SELECT and not by row, so that one over three days is half of three, and the line comes for nothing.
 */
import type { Warehouse } from '../warehouse.ts'
import { CHART_STEP_MS, type ChartDay, type ChartStep, cumulate } from './read-chart.ts'
import { readCustomers } from './read-customers.ts'
import { figuresOf, type SpanFigures } from './read-figures.ts'
import { AMOUNTS, COUNTS, type Headline, type HeadlineRow, headlineOf } from './read-headline.ts'
import { type MoneyScope, tableOf } from './scope.ts'

/** A local day, and of its figures only the minutes (UTC) that start before `beforeMs`; without it, all. */
export interface AskedDay extends ChartDay {
  beforeMs?: number
}

export interface DayAnswer extends SpanFigures {
  /** Cumulative revenue as of `read-chart.ts`, of the whole day whatever `beforeMs` is. */
  line: string[]
}

/** Figures and line of each day; no day twice. Figures and line of a day are of one reading of one view. */
export async function readDays(
  warehouse: Warehouse,
  scope: MoneyScope,
  days: readonly AskedDay[],
): Promise<DayAnswer[]> {
  const { tenant, currency } = scope
  const rows = await warehouse.query<Row>(selectOf(scope, days), {
    params: { tenant, currency, seconds: CHART_STEP_MS / 1_000, ...dayParams(days) },
  })
  const customers = await customersOf(warehouse, scope, { days, rows })
  return days.map((day) => {
    const own = rows.filter((row) => row.day === day.day)
    const byCurrency = new Map<string, Headline>(own.map((row) => [row.currency, headlineOf(row)]))
    return {
      ...figuresOf(byCurrency, currency, customers.get(day.day) ?? 0),
      line: cumulate(stepsOf(own.find((row) => row.currency === currency)), day),
    }
  })
}

interface Row extends HeadlineRow {
  day: string
  currency: string
  /** Steps and their revenue. */
  line: [number[], string[]]
  /** Of all days that were asked for, in every row. */
  customers: [string, string][]
}

function selectOf(scope: MoneyScope, days: readonly AskedDay[]): string {
  const { axis } = scope
  const isCut = days.some(({ beforeMs }) => beforeMs !== undefined)
  const sumOf = (name: string) =>
    isCut ? `sumIf(${axis}_${name}, in_span) AS ${name}` : `sum(${axis}_${name}) AS ${name}`
  return `${isCut ? `WITH (${spanOf(days)}) AS in_span ` : ''}SELECT day, currency, ${[...AMOUNTS, ...COUNTS].map(sumOf).join(', ')},
      sumMap([intDiv(toUnixTimestamp(minute), {seconds:UInt32})], [${axis}_revenue]) AS line,
      ${customersSql(scope, days)} AS customers
    FROM ${tableOf(scope, 'headline')}
    WHERE tenant = {tenant:String} AND day IN (${days.map((_, i) => `{day${i}:Date}`).join(', ')})
    GROUP BY day, currency`
}

/** Customers by day; for one day alone, which is asked ten times a second, by one SELECT less. */
function customersSql(scope: MoneyScope, days: readonly AskedDay[]): string {
  const orders = `sum(${scope.axis}_orders)`
  const from = `FROM ${tableOf(scope, 'customer_days')}
    WHERE tenant = {tenant:String} AND (${spanOf(days)}) AND currency = {currency:String}`
  if (days.length === 1)
    return `[({day0:Date}, (SELECT count() FROM (SELECT customer ${from} GROUP BY customer HAVING ${orders} > 0)))]`
  return `(SELECT groupArray((day, count)) FROM (SELECT day, count() AS count FROM (
    SELECT day, customer ${from} GROUP BY day, customer HAVING ${orders} > 0) GROUP BY day))`
}

function spanOf(days: readonly AskedDay[]): string {
  const conditions = days.map(({ beforeMs }, i) => {
    const day = `day = {day${i}:Date}`
    return beforeMs === undefined ? day : `(${day} AND minute < toDateTime({before${i}:UInt32}, 'UTC'))`
  })
  return conditions.join(' OR ')
}

function dayParams(days: readonly AskedDay[]): Record<string, string | number> {
  const entries = days.flatMap(({ day, beforeMs = FOREVER_MS }, i) => [
    [`day${i}`, day],
    [`before${i}`, Math.floor(Math.min(beforeMs, FOREVER_MS) / 1_000)],
  ])
  return Object.fromEntries(entries)
}

// A DateTime ends in 2106.
const FOREVER_MS = Date.UTC(2106, 0, 1)

// The headline view drops minutes that sum to nothing; then no row is left to carry the customers, of which one day's may
// still be some: one came, another one's order was cancelled.
async function customersOf(
  warehouse: Warehouse,
  scope: MoneyScope,
  { days, rows }: { days: readonly AskedDay[]; rows: readonly Row[] },
): Promise<Map<string, number>> {
  const told = rows[0]?.customers
  if (told !== undefined) return new Map(told.map(([day, count]) => [day, Number(count)]))
  const spans = days.map(({ day, beforeMs = FOREVER_MS }) => ({ from: day, to: day, beforeMs }))
  const counts = await readCustomers(warehouse, scope, spans)
  return new Map(days.map(({ day }, i) => [day, counts[i] ?? 0]))
}

function stepsOf(row: Row | undefined): ChartStep[] {
  if (row === undefined) return []
  const [steps, revenues] = row.line
  return steps.map((step, i) => ({ step, revenue: revenues[i] ?? '0' }))
}
