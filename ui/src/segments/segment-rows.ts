/** The rows of the customers' panel out of the api's answer. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { fromE4, perMille, toE4 } from '../format/decimal.ts'
import type { SegmentLabel } from './segment-names.ts'
import type { Mode } from './segments-panel.ts'

export interface SegmentsAnswer {
  currency: string
  mode: Mode
  /** Of the rules. */
  version: number | null
  live: Mode
  labels: SegmentLabel[]
  from: string
  to: string
  segments: { segment: string; customers: number; revenue: string }[]
  moves: { from: string | null; to: string | null; customers: number; revenue: string }[]
  sql: string
  functionSql: string | null
  absence: PanelAbsence | null
}

export interface SegmentRow {
  segment: string
  customers: number
  revenue: string
  /** Of all customers and of all revenue; null where there is none. */
  customersPerMille: bigint | null
  revenuePerMille: bigint | null
  /** Customers that came to the segment in the range, and those that left it. */
  came: number
  left: number
}

/** In the api's order: the largest revenue first; segments that are empty now, but were left, stand behind. */
export function segmentRows({ segments, moves }: Pick<SegmentsAnswer, 'segments' | 'moves'>): SegmentRow[] {
  const customers = segments.reduce((sum, one) => sum + one.customers, 0)
  const revenue = segments.reduce((sum, one) => sum + toE4(one.revenue), 0n)
  const emptied = [...new Set(moves.flatMap(({ from }) => from ?? []))]
    .filter((id) => !segments.some(({ segment }) => segment === id))
    .map((segment) => ({ segment, customers: 0, revenue: '0' }))
  return [...segments, ...emptied].map((one) => ({
    ...one,
    customersPerMille: customers === 0 ? null : perMille(BigInt(one.customers), BigInt(customers)),
    revenuePerMille: revenue <= 0n ? null : perMille(toE4(one.revenue), revenue),
    came: sumOf(moves.filter(({ to }) => to === one.segment)),
    left: sumOf(moves.filter(({ from }) => from === one.segment)),
  }))
}

export function totalOf(rows: readonly SegmentRow[]): { customers: number; revenue: string } {
  const revenue = rows.reduce((sum, row) => sum + toE4(row.revenue), 0n)
  return { customers: rows.reduce((sum, row) => sum + row.customers, 0), revenue: fromE4(revenue) }
}

const sumOf = (moves: SegmentsAnswer['moves']) => moves.reduce((sum, { customers }) => sum + customers, 0)
