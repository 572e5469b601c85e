/** What the customers' panel asks and is told, and which of its rows are drawn. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import type { SegmentLabel } from '../segments/segment-names.ts'

export const SORTS = ['value', 'revenue', 'orders', 'last', 'alive', 'churn'] as const
export type Sort = (typeof SORTS)[number]
export const MEASURES = ['customers', 'revenue'] as const
export type Measure = (typeof MEASURES)[number]

export interface CustomerView {
  tab: 'list' | 'retention'
  sort: Sort
  /** Null: all. */
  segment: string | null
  typed: string
  /** Of the cohorts. */
  measure: Measure
}

export interface ListedCustomer {
  customer: string
  segment: string | null
  revenue: string
  orders: number
  /** YYYY-MM-DD. */
  lastDay: string
  alive: number | null
  expectedOrders: number | null
  expectedValue: string | null
}

type Refusal = { reason: string } | null
interface Fitted {
  logLikelihood: number
  customers: number
}

export interface FittedModel {
  cutOff: string
  current: boolean
  madeAt: string
  bgNbd: (Fitted & { r: number; alpha: number; a: number; b: number }) | null
  refusal: Refusal
  gammaGamma: (Fitted & { p: number; q: number; v: number }) | null
  valueRefusal: Refusal
}

export interface CustomersAnswer {
  currency: string
  labels: SegmentLabel[]
  total: number
  customers: ListedCustomer[]
  next: string | null
  model: FittedModel | null
  sql: string
  absence: PanelAbsence | null
}

export interface RetentionAnswer {
  currency: string
  /** The present one, YYYY-MM. */
  month: string
  cohorts: Cohort[]
  sql: string
  absence: PanelAbsence | null
}

export interface Cohort {
  month: string
  customers: number
  cells: { after: number; customers: number; revenue: string }[]
}

/** Of one question. */
export const PAGE = 100

export function readCustomerView(search: string): CustomerView {
  const query = new URLSearchParams(search)
  const segment = query.get('segment')
  return {
    tab: query.get('tab') === 'retention' ? 'retention' : 'list',
    sort: SORTS.find((sort) => sort === query.get('sort')) ?? 'value',
    segment: segment !== null && /^[a-z][a-z0-9-]*$/.test(segment) ? segment : null,
    typed: query.get('q') ?? '',
    measure: query.get('measure') === 'revenue' ? 'revenue' : 'customers',
  }
}

/** As parameters of the address; null: is not to stand there. */
export function writeCustomerView({
  tab,
  sort,
  segment,
  typed,
  measure,
}: CustomerView): Record<string, string | null> {
  return {
    tab: tab === 'list' ? null : tab,
    sort: sort === 'value' ? null : sort,
    segment,
    q: typed === '' ? null : typed,
    measure: measure === 'customers' ? null : measure,
  }
}

/** Nothing of it stands in the address. */
export const NO_CUSTOMER_VIEW = { tab: null, sort: null, segment: null, q: null, measure: null }

/** The api's question for a page; without its cursor for the first one. */
export function questionOf({ sort, segment, typed }: CustomerView, limit = PAGE): string {
  const query = new URLSearchParams({ sort, limit: String(limit) })
  if (segment !== null) query.set('segment', segment)
  if (typed.trim() !== '') query.set('q', typed.trim().slice(0, 100))
  return `/api/v1/customers/values?${query}`
}

/** Rows beyond the visible ones that are drawn, so that a small turn of the wheel finds them there. */
const SPARE = 6

/** Which rows are drawn: from the first one up to, not with, the last. */
export function drawnRows(
  scrolled: { top: number; height: number },
  rowHeight: number,
  count: number,
): { first: number; last: number } {
  if (rowHeight <= 0) return { first: 0, last: Math.min(count, PAGE) }
  const seen = Math.ceil(scrolled.height / rowHeight)
  const top = Math.floor(scrolled.top / rowHeight)
  const first = Math.max(0, Math.min(top, count - seen) - SPARE)
  return { first, last: Math.min(count, first + seen + 2 * SPARE) }
}

/** Where a key goes to from a row; null: it is none of the list's. */
export function rowByKey(key: string, row: number, { page, count }: { page: number; count: number }) {
  const steps: Readonly<Record<string, number>> = {
    ...{ ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page },
    ...{ Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY },
  }
  const step = steps[key]
  return step === undefined ? null : Math.max(0, Math.min(count - 1, row + step))
}

/** Steps of the one hue; 0 is none of it. */
export const SHADES = 5

/**
 * How dark each cell of the cohorts is, by cohort and month since: its share of the largest one behind the first month, which
 * everybody has.
 */
export function shadesOf(cohorts: readonly Cohort[], measure: Measure): number[][] {
  const values = cohorts.map(({ customers, cells }) =>
    cells.map((cell) => {
      const value = measure === 'customers' ? cell.customers : Number(cell.revenue)
      return customers === 0 ? 0 : value / customers
    }),
  )
  const most = Math.max(0, ...values.flatMap((row) => row.slice(1)))
  return values.map((row) =>
    row.map((value, after) =>
      after === 0 || most === 0 || value <= 0 ? 0 : Math.min(SHADES, Math.ceil((SHADES * value) / most)),
    ),
  )
}

/** Thousandths of the cohort that bought; null: nobody began. */
export function retainedPerMille({ customers }: Cohort, came: number): bigint | null {
  return customers === 0 ? null : BigInt(Math.round((1_000 * came) / customers))
}

/** What one customer of the cohort brought on average, a decimal string; null: nobody began. */
export function revenuePerCustomer({ customers }: Cohort, revenue: string): string | null {
  return customers === 0 ? null : (Number(revenue) / customers).toFixed(2)
}
