/** The panel of a difference out of the api's answer. */
import { formatMoney } from '../format/format-number.ts'
import { sentenceCase } from '../format/sentence-case.ts'
import { messages } from '../messages.ts'
import type { WhySpan } from './why-panel.ts'

interface Change {
  now: string
  before: string
  change: string
}

export interface WhyAnswer {
  axis: string
  currency: string
  day: string
  againstDay: string
  fromMinute: number
  toMinute: number
  revenue: Change
  orders: { now: number; before: number }
  contributions: { dimension: Dimension; rows: ({ key: string; name: string } & Change)[]; others: Change }[]
  largest: ({ source: string; orderId: string } & Change)[]
}
type Dimension = keyof typeof messages.why.dimensions

/** `share`: of the longest bar, 0 … 1. */
export interface WhyRow {
  key: string
  name: string
  change: string
  text: string
  isUp: boolean
  share: number
}

export function questionOf({ from, to, against }: WhySpan, axis: string): string {
  const query = new URLSearchParams({ against, axis })
  if (from !== null) query.set('fromMinute', String(from))
  if (to !== null) query.set('toMinute', String(to))
  return query.toString()
}

/** The dimensions that say something: one value that is not told, or one source, explains nothing. */
export function whyGroups({ contributions, currency }: WhyAnswer): { title: string; rows: WhyRow[] }[] {
  const longest = Math.max(0, ...contributions.flatMap(({ rows }) => rows.map(sizeOf)))
  return contributions
    .filter(({ rows, others }) => rows.length > 1 || (rows.length === 1 && !isZero(others.change)))
    .map(({ dimension, rows, others }) => ({
      title: messages.why.dimensions[dimension],
      rows: [
        ...rows.map((row) => ({ ...row, name: nameOf(dimension, row) })),
        ...(isZero(others.change) ? [] : [{ ...others, key: '…', name: messages.why.others }]),
      ].map((row) => ({
        ...{ key: row.key, name: row.name, change: row.change, isUp: !row.change.startsWith('-') },
        text: signed(row.change, currency),
        share: longest > 0 ? Math.min(1, sizeOf(row) / longest) : 0,
      })),
    }))
}

/** "+45.50", "−90.00". */
export function signed(change: string, currency: string): string {
  const text = formatMoney(change, currency)
  return isZero(change) || change.startsWith('-') ? text : `+${text}`
}

function nameOf(dimension: Dimension, { key, name }: { key: string; name: string }): string {
  const text = messages.why
  if (dimension === 'kind') return text.kinds[key] ?? key
  if (dimension === 'product') return sentenceCase(name || key)
  if (key !== '') return key
  return dimension === 'customer' ? text.guests : text.notTold
}

// Floats are right for the length of a bar; the figure beside it comes from the string.
const sizeOf = ({ change }: Pick<Change, 'change'>) => Math.abs(Number(change))
const isZero = (amount: string) => /^-?[0.]*$/.test(amount)
