/**
 * One figure of one day twice: as the views have it, and reckoned anew from the base table, by an expression of its own that
 * no view shares. Both are read between two looks at the marks, so that a difference is one and not a batch that came between.
 */
import type { Warehouse } from '../warehouse.ts'
import { type Mark, readMarks } from './read-marks.ts'
import { type MoneyScope, tableOf } from './scope.ts'

interface Definition {
  /** Column of `headline`, without its axis; null: it is counted in `customer_days`. */
  column: string | null
  /** Over the booked entries of order_changes. */
  base: string
  definition: string
}

/** Kinds of booked entries that are of sales themselves. */
export const OF_SALE = "booked_kind IN ('sale', 'edit', 'cancel', 'restore')"

/** What can be proved, by the names of `Figures`. */
export const PROVABLE = {
  revenue: {
    column: 'revenue',
    base: 'sum(sign * booked_amount)',
    definition:
      'Sales less refunds and credits, with adjustments: every booked amount of the day, with its sign.',
  },
  sales: {
    column: 'sales',
    base: `sumIf(sign * booked_amount, ${OF_SALE})`,
    definition: 'Orders that count, with their edits and cancellations, before refunds.',
  },
  refunds: {
    column: 'refunds',
    base: "sumIf(sign * booked_amount, booked_kind = 'refund')",
    definition: 'What went back to customers for orders that are known: negative.',
  },
  credits: {
    column: 'credits',
    base: "sumIf(sign * booked_amount, booked_kind = 'credit')",
    definition: 'What went back without an order that is known: negative.',
  },
  adjustments: {
    column: 'adjustments',
    base: "sumIf(sign * booked_amount, booked_kind = 'adjustment')",
    definition: 'Money that is neither a sale nor a refund, such as bad debt.',
  },
  orders: {
    column: 'orders',
    base: `sumIf(sign * booked_orders, ${OF_SALE})`,
    definition: 'Orders that count; a cancellation takes its order off again, on its own day.',
  },
  units: {
    column: 'units',
    base: "sumIf(sign * booked_units, booked_kind != 'adjustment')",
    definition: 'Units sold less units that came back, without adjustments.',
  },
  customers: {
    column: null,
    base: `sumIf(sign * booked_orders, ${OF_SALE} AND customer != '')`,
    definition: 'Different customers with an order; guests are nobody.',
  },
} satisfies Record<string, Definition>
export type Provable = keyof typeof PROVABLE
export const PROVABLE_NAMES = Object.keys(PROVABLE) as [Provable, ...Provable[]]

export interface ProofQuestion extends MoneyScope {
  figure: Provable
  /** Local day. */
  day: string
  partitions: number
}

export interface Proof {
  fromViews: string
  fromBase: string
  /** Marks stood still while both were read: a difference is drift. Else batches came between, time and again. */
  isSteady: boolean
  marks: Mark[]
  /** The same questions as an analyst asks them. */
  sql: string
  baseSql: string
}

/** A batch lands several times a second under load. */
const MAX_LOOKS = 5
/** The base table is read whole for a day of it. */
const BASE_SECONDS = 10

export async function proveFigure(warehouse: Warehouse, question: ProofQuestion): Promise<Proof> {
  const { database, tenant, currency, day, partitions } = question
  const params = { tenant, currency, day }
  const settings = { max_execution_time: BASE_SECONDS, max_threads: 2 }
  const ask = async (sql: string) =>
    (await warehouse.query<{ value: string }>(sql, { params, settings }))[0]?.value ?? '0'
  const look = (since?: Mark[]) =>
    readMarks(warehouse, { database, topic: 'orders', partitions, ...(since && { since }) })
  let marks = await look()
  for (let attempt = 1; ; attempt++) {
    const [fromViews, fromBase] = await Promise.all([ask(viewSql(question)), ask(baseSql(question))])
    const after = await look(marks.length === partitions ? marks : undefined)
    const isSteady = placeOf(after) === placeOf(marks)
    if (isSteady || fromViews === fromBase || attempt === MAX_LOOKS)
      return {
        ...{ fromViews, fromBase, isSteady: isSteady || fromViews === fromBase, marks: after },
        ...analystSql(question),
      }
    marks = after
  }
}

/** Another text as soon as a batch has landed. */
export const placeOf = (marks: readonly Mark[]) =>
  JSON.stringify(marks.map(({ partition, last }) => [partition, last]))

function viewSql(question: ProofQuestion): string {
  const names = { headline: tableOf(question, 'headline'), customerDays: tableOf(question, 'customer_days') }
  return valueOfViews(question, names, `tenant = {tenant:String} AND ${SCOPED}`)
}

function baseSql(question: ProofQuestion): string {
  const table = tableOf(question, 'order_changes')
  return valueOfBase(question, table, `tenant = {tenant:String} AND ${SCOPED_BASE[question.axis]}`)
}

const SCOPED = 'day = {day:Date} AND currency = {currency:String}'
const SCOPED_BASE = {
  booked: 'booked_day = {day:Date} AND booked_currency = {currency:String}',
  sale: 'sale_day = {day:Date} AND booked_currency = {currency:String}',
}

/** The same of the views that analysts have, which know their tenant. */
function analystSql(question: ProofQuestion): Pick<Proof, 'sql' | 'baseSql'> {
  const filled = (sql: string) =>
    sql.replace('{day:Date}', `'${question.day}'`).replace('{currency:String}', `'${question.currency}'`)
  const names = { headline: 'revwall.v1_headline', customerDays: 'revwall.v1_customer_days' }
  return {
    sql: filled(valueOfViews(question, names, SCOPED)),
    baseSql: filled(valueOfBase(question, 'revwall.v1_order_changes', SCOPED_BASE[question.axis])),
  }
}

function valueOfViews(
  { axis, figure }: ProofQuestion,
  { headline, customerDays }: { headline: string; customerDays: string },
  where: string,
): string {
  const { column } = PROVABLE[figure]
  if (column !== null)
    return `SELECT toString(sum(${axis}_${column})) AS value\nFROM ${headline}\nWHERE ${where}`
  return customersSql({ from: customerDays, where, having: `sum(${axis}_orders) > 0` })
}

function valueOfBase({ figure }: ProofQuestion, table: string, where: string): string {
  const { column, base } = PROVABLE[figure]
  const from = `${table}
ARRAY JOIN booked_day, booked_kind, booked_currency,
  booked_amount, booked_orders, booked_units`
  const changes = `sign != 0 AND ${where}`
  if (column !== null) return `SELECT toString(${base}) AS value\nFROM ${from}\nWHERE ${changes}`
  return customersSql({ from, where: `${changes} AND customer != ''`, having: `${base} > 0` })
}

/** In lines, for it is read as well. */
function customersSql({ from, where, having }: { from: string; where: string; having: string }): string {
  return `SELECT toString(count()) AS value\nFROM (
SELECT customer\nFROM ${from}\nWHERE ${where}\nGROUP BY customer\nHAVING ${having}\n)`
}
