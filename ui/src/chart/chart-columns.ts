/**
 * The chart's columns for uPlot: one x per step of the day, in minutes, and the three lines over it. Floats are right
 * here: they become pixels, no figure is read from them.
 */
import type { Tiles } from '../../../core/contracts/tiles.ts'

type Line = (number | null)[]
export type ChartColumns = { minutes: number[]; today: Line; yesterday: Line; lastWeek: Line }

/**
 * Values stand at the end of their step, so that 0 is at midnight. Today ends exactly at `nowMinutes` with
 * `nowRevenue`: the line's tip and the hero's number are the same figure. Null before the first snapshot: no tip.
 */
export function chartColumns(
  chart: Tiles['chart'],
  nowMinutes: number,
  nowRevenue: string | null,
): ChartColumns {
  const length = Math.max(chart.today.length, chart.yesterday.length, chart.lastWeek.length)
  const steps = Array.from({ length: length + 1 }, (_, step) => step * chart.stepMinutes)
  const minutes = [...new Set([...steps, nowMinutes])].sort((a, b) => a - b)
  const line = (values: readonly string[]): Line =>
    minutes.map((minute) => valueAt(values, minute / chart.stepMinutes))
  const today = line(chart.today).map((value, at) => {
    const minute = minutes[at] ?? 0
    if (minute > nowMinutes) return null
    return minute === nowMinutes && nowRevenue !== null ? Number(nowRevenue) : value
  })
  return { minutes, today, yesterday: line(chart.yesterday), lastWeek: line(chart.lastWeek) }
}

/** Null between steps; the chart joins its neighbours over it. */
function valueAt(values: readonly string[], step: number): number | null {
  if (step === 0) return values.length > 0 ? 0 : null
  const text = values[step - 1]
  return text === undefined ? null : Number(text)
}

/**
 * The hours that have anything to show, as whole hours in minutes: from one before the first movement to one after
 * the last. It follows the two past days and today, so it hardly ever moves.
 */
export function busyRange(columns: ChartColumns, nowMinutes: number): [number, number] {
  const moved: number[] = []
  for (const line of [columns.today, columns.yesterday, columns.lastWeek])
    moved.push(...movements(line, columns.minutes))
  if (moved.length === 0) return [0, 1_440]
  const first = Math.floor(Math.min(...moved) / 60) * 60 - 60
  const last = Math.ceil(Math.max(...moved, nowMinutes) / 60) * 60 + 60
  return [Math.max(0, first), Math.min(1_440, last)]
}

function movements(line: Line, minutes: number[]): number[] {
  const moved: number[] = []
  let before = 0
  line.forEach((value, at) => {
    if (value === null || value === before) return
    before = value
    moved.push(minutes[at] ?? 0)
  })
  return moved
}
