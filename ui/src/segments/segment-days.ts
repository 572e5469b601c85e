/** Segments over time as areas, one on the other. Positions are for pictures: floats are good enough for these. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { type SegmentLabel, segmentsInOrder } from './segment-names.ts'
import type { Measure, Mode } from './segments-panel.ts'

export interface DaysAnswer {
  from: string
  to: string
  currency: string
  mode: Mode
  live: Mode
  version: number | null
  labels: SegmentLabel[]
  days: { day: string; segment: string; customers: number; revenue: string }[]
  sql: string
  absence: PanelAbsence | null
}

type Stood = DaysAnswer['days'][number]

/** Where an area is at a moment, as shares of the picture: from the left, and its edges from the top. */
export interface Edge {
  x: number
  top: number
  bottom: number
}

export interface SegmentArea {
  segment: string
  /** One for each stretch of days without a gap. */
  runs: Edge[][]
  first: Stood
  last: Stood
}

export interface SegmentStack {
  /** In the division's order, from the top down. */
  areas: SegmentArea[]
  /** What the top and the bottom of the picture stand for. */
  high: number
  low: number
}

const DAY_MS = 86_400_000

/**
 * Segments one on the other, the best on top; what is below zero hangs below it. A day stands in the middle of its width, and
 * one that nothing is known of is a gap.
 */
export function stackSegments(
  { from, to, labels, days }: Pick<DaysAnswer, 'from' | 'to' | 'labels' | 'days'>,
  measure: Measure,
): SegmentStack {
  const segments = segmentsInOrder(
    labels,
    days.map(({ segment }) => segment),
  )
  const stacks = new Map(
    [...new Set(days.map(({ day }) => day))].map((day) => {
      const own = days.filter((one) => one.day === day)
      return [dayNumber(day), stackOf(own, segments, measure)]
    }),
  )
  const ends = [...stacks.values()].flatMap((stack) => [...stack.values()].flat())
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  const y = (value: number) => (high === low ? 1 : (high - value) / (high - low))
  const begin = dayNumber(from)
  const count = dayNumber(to) - begin + 1
  const areas = segments.flatMap((segment) => {
    const own = days.filter((day) => day.segment === segment)
    const [first, last] = [own[0], own.at(-1)]
    if (first === undefined || last === undefined) return []
    const runs = stretches([...stacks.keys()]).map((stretch) =>
      stretch.flatMap((day, at) => {
        const [bottom, top] = stacks.get(day)!.get(segment)!
        const edge = (x: number) => ({ x: x / count, top: y(top), bottom: y(bottom) })
        const left = day - begin
        return [
          ...(at === 0 ? [edge(left)] : []),
          edge(left + 0.5),
          ...(at === stretch.length - 1 ? [edge(left + 1)] : []),
        ]
      }),
    )
    return [{ segment, runs, first, last }]
  })
  return { areas, high, low }
}

/** Of an SVG: along the top of each stretch, and back along its bottom. */
export function areaPath({ runs }: Pick<SegmentArea, 'runs'>, width: number, height: number): string {
  return runs
    .map((run) => {
      const at = (edge: Edge, side: 'top' | 'bottom') =>
        `${(edge.x * width).toFixed(1)} ${(edge[side] * height).toFixed(1)}`
      const there = run.map((edge) => at(edge, 'top'))
      const back = run.toReversed().map((edge) => at(edge, 'bottom'))
      return `M${[...there, ...back].join('L')}Z`
    })
    .join('')
}

/** Bottom and top of each segment on one day. */
function stackOf(
  own: readonly Stood[],
  segments: readonly string[],
  measure: Measure,
): Map<string, [number, number]> {
  const values = new Map(own.map((one) => [one.segment, Number(one[measure])]))
  let [above, below] = [0, 0]
  const stack = new Map<string, [number, number]>()
  // From the bottom up.
  for (const segment of segments.toReversed()) {
    const value = values.get(segment) ?? 0
    if (value < 0) stack.set(segment, [below + value, below])
    else stack.set(segment, [above, above + value])
    if (value < 0) below += value
    else above += value
  }
  return stack
}

function stretches(days: readonly number[]): number[][] {
  const found: number[][] = []
  for (const day of days.toSorted((a, b) => a - b)) {
    const last = found.at(-1)
    if (last?.at(-1) === day - 1) last.push(day)
    else found.push([day])
  }
  return found
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
