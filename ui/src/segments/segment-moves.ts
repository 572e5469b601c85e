/** Moves between segments as a matrix, and as the api tells the last ones. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { type SegmentLabel, segmentsInOrder } from './segment-names.ts'
import type { Mode } from './segments-panel.ts'

export interface MovesAnswer {
  from: string
  to: string
  currency: string
  mode: Mode
  version: number | null
  labels: SegmentLabel[]
  absence: PanelAbsence | null
  /** Null: no segment. */
  moves: { from: string | null; to: string | null; customers: number; revenue: string }[]
  last: { customer: string; from: string | null; to: string | null; day: string; at: string }[]
  sql: string
}

/** Steps of the one hue; 0 is none of it. */
const SHADES = 5

export interface MoveMatrix {
  /** What rows and columns stand for, those without any move left out; null last: no segment. */
  segments: (string | null)[]
  /** By row (from) and column (to). */
  rows: { from: string | null; cells: { to: string | null; customers: number; shade: number }[] }[]
  total: number
}

export function moveMatrix({ moves, labels }: Pick<MovesAnswer, 'moves' | 'labels'>): MoveMatrix {
  const moved = new Set(moves.flatMap(({ from, to }) => [from, to]))
  const ids = [...moved].filter((id) => id !== null)
  const named = segmentsInOrder(labels, ids).filter((id) => moved.has(id))
  const segments = moved.has(null) ? [...named, null] : named
  const most = Math.max(0, ...moves.map(({ customers }) => customers))
  const counts = new Map(moves.map(({ from, to, customers }) => [`${from} ${to}`, customers]))
  const rows = segments.map((from) => ({
    from,
    cells: segments.map((to) => {
      const customers = counts.get(`${from} ${to}`) ?? 0
      return { to, customers, shade: most === 0 ? 0 : Math.ceil((SHADES * customers) / most) }
    }),
  }))
  return { segments, rows, total: moves.reduce((sum, { customers }) => sum + customers, 0) }
}
