/**
 * The chart's columns for uPlot: one x per step of the day, in minutes, and the lines and the band over it. Floats are right
 * here: they become pixels, no figure is read from them.
 */
import type { PaceTile } from '../../../core/contracts/pace.ts'
import type { Tiles } from '../../../core/contracts/tiles.ts'

type Line = (number | null)[]
type Columns = Record<'today' | 'yesterday' | 'lastWeek' | 'low80' | 'high80' | 'ahead', Line>
export type ChartColumns = { minutes: number[] } & Columns
export type Pace = NonNullable<PaceTile['revenue']>

/**
 * Values stand at the end of their step, so that 0 is at midnight. Today ends exactly at `nowMinutes` with
 * `nowRevenue`: the line's tip and the hero's number are the same figure. Null before the first snapshot: no tip.
 */
export function chartColumns(
  chart: Tiles['chart'],
  nowMinutes: number,
  nowRevenue: string | null,
  pace: Pace | null,
): ChartColumns {
  const length = Math.max(chart.today.length, chart.yesterday.length, chart.lastWeek.length)
  const steps = Array.from({ length: length + 1 }, (_, step) => step * chart.stepMinutes)
  const ofBand = pace?.band.value.map((_, step) => step * pace.band.stepMinutes) ?? []
  const minutes = [...new Set([...steps, ...ofBand, nowMinutes])].sort((a, b) => a - b)
  const line = (values: readonly string[]): Line =>
    minutes.map((minute) => valueAt(values, minute / chart.stepMinutes))
  const today = line(chart.today).map((value, at) => {
    const minute = minutes[at] ?? 0
    if (minute > nowMinutes) return null
    return minute === nowMinutes && nowRevenue !== null ? Number(nowRevenue) : value
  })
  const bandLine = (values: readonly string[] = []): Line =>
    minutes.map((minute) => valueBetween(values, minute / (pace?.band.stepMinutes ?? 1)))
  return {
    ...{ minutes, today, yesterday: line(chart.yesterday), lastWeek: line(chart.lastWeek) },
    ...{ low80: bandLine(pace?.band.low80), high80: bandLine(pace?.band.high80) },
    ahead: aheadOf(bandLine(pace?.band.value), minutes, {
      ...{ nowMinutes, now: nowRevenue === null ? null : Number(nowRevenue) },
      end: pace?.end ? Number(pace.end.value) : null,
    }),
  }
}

/** Null between steps; the chart joins its neighbours over it. */
function valueAt(values: readonly string[], step: number): number | null {
  if (step === 0) return values.length > 0 ? 0 : null
  const text = values[step - 1]
  return text === undefined ? null : Number(text)
}

/** On the line between two steps; null behind the last. */
function valueBetween(values: readonly string[], step: number): number | null {
  const [left, right] = [values[Math.floor(step)], values[Math.ceil(step)]]
  if (left === undefined || right === undefined) return null
  return Number(left) + (step - Math.floor(step)) * (Number(right) - Number(left))
}

/** From the tip to where the day will end, as fast as is usual from here on. */
function aheadOf(
  usual: Line,
  minutes: readonly number[],
  { nowMinutes, now, end }: { nowMinutes: number; now: number | null; end: number | null },
): Line {
  const usualNow = usual[minutes.indexOf(nowMinutes)] ?? null
  const usualEnd = usual.findLast((value) => value !== null) ?? null
  const rest = usualNow === null || usualEnd === null ? 0 : usualEnd - usualNow
  return usual.map((value, at) => {
    if (now === null || end === null || usualNow === null || !(rest > 0)) return null
    if (value === null || minutes[at]! < nowMinutes) return null
    return now + ((end - now) * (value - usualNow)) / rest
  })
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
