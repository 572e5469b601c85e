/** Segments over time as lines of one scale. Positions are for pictures: floats are good enough for these. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { type SegmentLabel, segmentsInOrder } from './segment-names.ts'
import type { Measure, Mode } from './segments-panel.ts'

export interface DaysAnswer {
  from: string
  to: string
  currency: string
  mode: Mode
  version: number | null
  labels: SegmentLabel[]
  days: { day: string; segment: string; customers: number; revenue: string }[]
  sql: string
  absence: PanelAbsence | null
}

type Stood = DaysAnswer['days'][number]

export interface SegmentLine {
  segment: string
  first: Stood
  last: Stood
  /** Of an SVG path in a box of WIDTH × HEIGHT; a day of which nothing is known is a gap. */
  path: string
}

export const WIDTH = 200
export const HEIGHT = 40
const DAY_MS = 86_400_000

export function segmentLines({ from, to, labels, days }: DaysAnswer, measure: Measure): SegmentLine[] {
  const values = days.map((day) => Number(day[measure]))
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)]
  const y = (value: number) => HEIGHT * (high === low ? 1 : (high - value) / (high - low))
  const all = dayNumber(to) - dayNumber(from)
  const x = (day: string) => (all === 0 ? WIDTH / 2 : (WIDTH * (dayNumber(day) - dayNumber(from))) / all)
  const found = segmentsInOrder(
    labels,
    days.map(({ segment }) => segment),
  )
  return found.flatMap((segment) => {
    const own = days.filter((day) => day.segment === segment)
    const [first, last] = [own[0], own.at(-1)]
    if (first === undefined || last === undefined) return []
    const steps = own.map((day, at) => {
      const before = own[at - 1]
      const isNext = before !== undefined && dayNumber(day.day) === dayNumber(before.day) + 1
      // A day that stands alone is a point, by the line's round ends.
      const to = `${x(day.day).toFixed(1)} ${y(Number(day[measure])).toFixed(1)}`
      return isNext ? `L${to}` : `M${to}h0`
    })
    return [{ segment, first, last, path: steps.join('') }]
  })
}

/** By day, the newest first, the segments of each in one order; null where nothing is known. */
export function dayTable({ labels, days }: DaysAnswer) {
  const segments = segmentsInOrder(
    labels,
    days.map(({ segment }) => segment),
  )
  const found = new Map(days.map((one) => [`${one.day} ${one.segment}`, one]))
  const rows = [...new Set(days.map(({ day }) => day))].sort().reverse()
  return {
    segments,
    rows: rows.map((day) => ({
      day,
      cells: segments.map((segment) => found.get(`${day} ${segment}`) ?? null),
    })),
  }
}

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / DAY_MS
