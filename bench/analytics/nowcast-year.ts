/**
 * How well it would have been known where days of Online Retail end: at some hours of each open day of its last weeks, with a
 * forecast that knows the days before it, and the former days of its kind. Compared with the same weekday a week before.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { PaceSeries } from '../../core/contracts/pace.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { SHIPPED_FILE } from '../../ingest/sources/replay/shipped-file.ts'
import { type ExpectedDay, formerDays, seriesPace } from '../../processors/forecast/day-pace.ts'
import { runForecastTask } from '../../processors/forecast/forecast-task.ts'
import { cumulate } from '../../processors/forecast/nowcast.ts'

export const HOURS = [10, 12, 15, 18] as const
const FIRST_DAY = parseDay('2010-12-01')
/** The one behind it is cut off at noon. */
const LAST_DAY = parseDay('2011-12-08')
const QUARTERS = 96

type Days = Record<PaceSeries, Float64Array[]>

export interface NowcastScore {
  series: PaceSeries
  hour: number
  days: number
  /** Missed of all, a share of 1: by the nowcast, the same weekday a week before, what came and the rest of that, the forecast. */
  wape: number
  wapeLastWeek: number
  wapeRestOfLastWeek: number
  wapeForecast: number
  /** Share of 1 of days that ended within the band of 80 %; and of those on which what had come was within that of `usualBy`. */
  coverage80: number
  usual80: number
}

/** `from`: the first day that is asked for, YYYY-MM-DD. */
export function scoreNowcasts(from: string): NowcastScore[] {
  const year = readYear()
  const open = Array.from({ length: LAST_DAY - parseDay(from) + 1 }, (_, i) => parseDay(from) + i).filter(
    (day) => totalOf(year.orders[day - FIRST_DAY]!) > 0,
  )
  const forecasts = new Map(open.map((day) => [day, forecastOf(year, day)]))
  return (['revenue', 'orders'] as const).flatMap((series) =>
    HOURS.map((hour) => {
      const days = open.flatMap((day) => {
        const tried = tryDay(year[series], series, { day, hour, expected: forecasts.get(day)![series] })
        return tried === undefined ? [] : [tried]
      })
      const all = days.reduce((sum, { came }) => sum + came, 0)
      const wapeOf = (guess: (of: Tried) => number) =>
        days.reduce((sum, of) => sum + Math.abs(guess(of) - of.came), 0) / all
      const share = (isTrue: (of: Tried) => boolean) => days.filter(isTrue).length / days.length
      return {
        ...{ series, hour, days: days.length },
        wape: wapeOf(({ end }) => end),
        wapeLastWeek: wapeOf(({ lastWeek }) => lastWeek),
        wapeRestOfLastWeek: wapeOf(({ restOfLastWeek }) => restOfLastWeek),
        wapeForecast: wapeOf(({ forecast }) => forecast),
        coverage80: share(({ isWithin }) => isWithin),
        usual80: share(({ isUsual }) => isUsual),
      }
    }),
  )
}

interface Tried {
  came: number
  end: number
  lastWeek: number
  restOfLastWeek: number
  forecast: number
  isWithin: boolean
  isUsual: boolean
}

function tryDay(
  days: readonly Float64Array[],
  series: PaceSeries,
  { day, hour, expected }: { day: number; hour: number; expected: ExpectedDay },
): Tried | undefined {
  const of = (each: number) => days[each - FIRST_DAY]!
  const pace = seriesPace(series, expected, formerDays(day, FIRST_DAY).map(of))
  if (pace === undefined) return undefined
  const soFar = cumulate(of(day))[4 * hour]!
  const came = totalOf(of(day))
  const lastWeek = totalOf(of(day - 7))
  const { end } = pace.endOf(soFar, hour / 24)
  const usual = pace.usualBy(hour / 24)
  return {
    ...{ came, end: end.point, lastWeek, forecast: expected.point },
    restOfLastWeek: soFar + lastWeek - cumulate(of(day - 7))[4 * hour]!,
    isWithin: came >= end.lo80 && came <= end.hi80,
    isUsual: soFar >= usual.lo80 && soFar <= usual.hi80,
  }
}

function forecastOf(year: Days, day: number): Record<PaceSeries, ExpectedDay> {
  const task = (['revenue', 'orders'] as const).map((id) => ({
    ...{ id, firstDay: formatDay(FIRST_DAY) },
    values: Float64Array.from(year[id].slice(0, day - FIRST_DAY), totalOf),
  }))
  const [revenue, orders] = runForecastTask({
    ...{ step: 'day', cutOff: formatDay(day - 1), series: task },
  }).map(({ point, hi80 }) => ({ point: point[0]!, high80: hi80[0]! }))
  return { revenue: revenue!, orders: orders! }
}

const totalOf = (parts: Float64Array) => parts.reduce((sum, part) => sum + part, 0)

/** Revenue is all lines; an order is an invoice that is no cancellation and no adjustment. */
function readYear(): Days {
  const quarters = () => Array.from({ length: LAST_DAY - FIRST_DAY + 1 }, () => new Float64Array(QUARTERS))
  const year: Days = { revenue: quarters(), orders: quarters() }
  const invoices = new Set<string>()
  const text = gunzipSync(readFileSync(SHIPPED_FILE)).toString('utf8')
  for (const row of text.split('\n').slice(1)) {
    // Only descriptions are quoted, so the columns behind them are counted from the end.
    const cells = row.trimEnd().split(',')
    const [quantity, date = '', price] = cells.slice(-5)
    const at = parseDay(date.slice(0, 10)) - FIRST_DAY
    if (cells.length < 8 || year.revenue[at] === undefined) continue
    const quarter = 4 * Number(date.slice(11, 13)) + Math.floor(Number(date.slice(14, 16)) / 15)
    year.revenue[at][quarter]! += Number(quantity) * Number(price)
    const invoice = cells[0]!
    if (!/^\d/.test(invoice) || !(Number(price) > 0) || invoices.has(invoice)) continue
    invoices.add(invoice)
    year.orders[at]![quarter]! += 1
  }
  return year
}
