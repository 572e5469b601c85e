/** A past day, played again: where it is, and what had come by then. */

/** What /api/v1/series tells with a step of a minute. */
export interface DayLine {
  day: string
  startsAt: string
  currency: string
  stepMinutes: number
  revenue: string[]
}

export interface ReplayOrder {
  source: string
  orderId: string
  placedAt: string
  country: string
  currency: string
  gross: string
  counts: boolean
}

/** Times as fast as it was. */
export const SPEEDS = [60, 300, 900] as const
export type Speed = (typeof SPEEDS)[number]

/** Where it was at an instant of the browser's clock, and how it goes on from there; `speed` 0: it stands. */
export interface Playing {
  minute: number
  atMs: number
  speed: Speed | 0
}

/** Minutes of the day; it stands at its end. */
export function minuteAt({ minute, atMs, speed }: Playing, nowMs: number, minutesOfDay: number): number {
  const passed = (Math.max(0, nowMs - atMs) / 60_000) * speed
  return Math.min(minutesOfDay, minute + passed)
}

/** What had been booked when that many minutes of the day had passed. */
export function revenueAt({ revenue, stepMinutes }: DayLine, minute: number): string {
  const steps = Math.min(revenue.length, Math.floor(minute / stepMinutes))
  return steps === 0 ? '0' : revenue[steps - 1]!
}

/** Every fifth minute, as the chart of a day has it. */
export function chartLine({ revenue, stepMinutes }: DayLine, chartStep: number): string[] {
  const every = Math.max(1, Math.round(chartStep / stepMinutes))
  return revenue.filter((_, at) => (at + 1) % every === 0)
}

/** A quarter of an hour before anything came, so that nobody watches an empty night; 0 for a day without anything. */
export function firstMinute({ revenue, stepMinutes }: DayLine): number {
  const first = revenue.findIndex((value) => Number(value) !== 0)
  return first < 0 ? 0 : Math.max(0, first * stepMinutes - 15)
}

/** The newest first, of those that had been placed by then. */
export function ordersBy(
  orders: readonly ReplayOrder[],
  { startsAt }: DayLine,
  minute: number,
  count: number,
): ReplayOrder[] {
  const untilMs = Date.parse(startsAt) + minute * 60_000
  const passed = orders.filter(({ placedAt }) => Date.parse(placedAt) <= untilMs)
  return passed.slice(-count).reverse()
}
