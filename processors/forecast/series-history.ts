/** A series as it is forecast: cut at the cut-off, begun with its first sale, with the methods that its length allows. */
import { type BacktestPlan, planOrigins, type Rolled } from './backtest.ts'
import { DAYS_OF, dayNumber, eventsOf, type Step } from './calendar.ts'
import { comb } from './comb.ts'
import { dampedHolt } from './damped-holt.ts'
import type { ForecastMethod } from './forecast-method.ts'
import type { ForecastRequest, SeriesInput } from './forecast-request.ts'
import { SEASONS } from './forecast-stage.ts'
import { seasonalGrowth } from './seasonal-growth.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { stlEts, stlTheta } from './stl-forecast.ts'
import { theta } from './theta.ts'

export interface History {
  input: SeriesInput
  /** Up to the cut-off, NaN where nothing is known; empty where nothing is known at all. */
  values: Float64Array
  /** Day number of the first value. */
  start: number
  /** Days of the week (day number mod 7) on which the shop is closed. */
  closed: ReadonlySet<number>
  tier: Tier
  events: string[][]
  /** Position of the first value in the year. */
  phase: number
  plan: BacktestPlan
  learned: Map<ForecastMethod, Float64Array>
  /** By method: forecasts at each origin; and at the present. */
  rolled: Map<string, Rolled>
  present: Map<string, Float64Array>
}

/** Twelve years of weeks, four of days. */
const MAX_HISTORY: Record<Step, number> = { day: 1_456, week: 624 }
export const MAX_ORIGINS = 12
/** Values between origins. For days no multiple of a week, so that each day of the week is a first one. */
export const STRIDE: Record<Step, number> = { day: 13, week: 2 }

export interface Tier {
  underWeeks: number
  methods: readonly ForecastMethod[]
  usesRidge: boolean
  /** Known weeks at the first origin. */
  leastWeeks: number
}

export const SHORT = 13
export const MIDDLE = 60
const METHODS: readonly Tier[] = [
  { underWeeks: SHORT, methods: [seasonalNaive, comb], usesRidge: false, leastWeeks: 3 },
  { underWeeks: MIDDLE, methods: [theta, dampedHolt, comb], usesRidge: true, leastWeeks: SHORT },
  {
    underWeeks: Number.POSITIVE_INFINITY,
    methods: [theta, dampedHolt, seasonalGrowth, stlEts, stlTheta],
    usesRidge: true,
    leastWeeks: 52,
  },
]
/** `horizon` steps of the calendars behind the cut-off belong to it. */
export function historyOf(input: SeriesInput, request: ForecastRequest, horizon: number): History {
  const { step, cutOff, holidays } = request
  const first = dayNumber(input.firstDay)
  const count = Math.max(0, Math.floor((dayNumber(cutOff) - first + 1) / DAYS_OF[step]))
  const whole = new Float64Array(count).fill(Number.NaN)
  whole.set(input.values.subarray(0, count))
  const known = whole.map((value) => (Number.isFinite(value) ? value : Number.NaN))
  const sold = known.findIndex((value) => value !== 0 && !Number.isNaN(value))
  // All 0, as far as it is known, is a history; nothing known at all is none.
  const begin = sold >= 0 ? sold : known.some((value) => value === 0) ? 0 : count
  const from = Math.max(begin, count - MAX_HISTORY[step])
  const start = first + from * DAYS_OF[step]
  const closed = step === 'day' ? closedWeekdays(known.subarray(from), start) : NEVER
  // What is no day of sales would make a season of its own, which half of the methods cannot follow.
  const values = known
    .subarray(from)
    .map((value, i) => (value === 0 && closed.has((start + i) % 7) ? Number.NaN : value))
  const calendars = [holidays, input.promotions].filter((calendar) => calendar !== undefined)
  const { round } = SEASONS[step]
  const tier = METHODS.find(({ underWeeks }) => values.length < underWeeks * round)!
  const least = tier.leastWeeks * round
  const plan = planOrigins(values.length, { horizon, most: MAX_ORIGINS, stride: STRIDE[step], least })
  return {
    input,
    values,
    start,
    closed,
    tier,
    events: eventsOf(calendars, { start, count: values.length + horizon, step }),
    plan,
    phase: Math.floor(start / DAYS_OF[step]) % SEASONS[step].year,
    learned: new Map(),
    rolled: new Map(),
    present: new Map(),
  }
}

const NEVER: ReadonlySet<number> = new Set()
const CLOSED_WEEKS = 8
/** Of the days on which something may be sold: a series with more gaps than that has a quiet weekday by chance. */
const MOST_DAYS = 0.8

/** On which nothing was sold for eight weeks, in a series that sells on nearly every other day. */
function closedWeekdays(values: Float64Array, start: number): ReadonlySet<number> {
  const recent = values.length - CLOSED_WEEKS * 7
  if (recent < 0) return NEVER
  const sold = new Float64Array(7)
  for (let i = recent; i < values.length; i++) if (values[i] !== 0) sold[(start + i) % 7]! += 1
  const open = sold.filter((days) => days > 0)
  const days = open.reduce((sum, count) => sum + count, 0)
  if (days === 0 || days < MOST_DAYS * open.length * CLOSED_WEEKS) return NEVER
  return new Set([...sold.keys()].filter((weekday) => sold[weekday] === 0))
}
