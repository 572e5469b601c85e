/**
 * The week by hours: what each hour of each weekday brings on average, by the tenant's clock. An hour that a clock change
 * skipped was not there and counts for nothing; one that it repeated counts twice. Only hours that are over count.
 */
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { localDay, localHour, offsetMs, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface ProfileCell {
  /** 1 is Monday, 7 Sunday. */
  weekday: number
  /** Local hour, 0 to 23. */
  hour: number
  /** Days of this weekday in the range on which the hour was there and is over. */
  weeks: number
  /** How long it lasted on all of them, in hours: what the averages divide by. */
  hours: string
  revenue: string
  orders: number
  /** Average of an hour; null: there was none. */
  revenuePerHour: string | null
  ordersPerHour: string | null
}

export interface ProfileQuestion extends MoneyScope, DayRange {
  timeZone: string
  /** The tenant's now, ms. */
  nowMs: number
}

const QUARTER_MS = 900_000
const QUARTERS_OF_DAY = 96

/** 168 cells, Monday's first hour first. */
export async function readProfile(warehouse: Warehouse, question: ProfileQuestion): Promise<ProfileCell[]> {
  const { tenant, currency, from, to, axis } = question
  const beforeMs = startOfHour(question)
  const rows = await warehouse.query<{ weekday: number; hour: number; revenue: string; orders: string }>(
    `SELECT toDayOfWeek(day) AS weekday, hour, sum(${axis}_revenue) AS revenue, sum(${axis}_orders) AS orders
     FROM ${tableOf(question, 'quarter_hours')}
     WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}
       AND quarter < toDateTime({before:UInt32}, 'UTC')
     GROUP BY weekday, hour`,
    { params: { tenant, currency, from, to, before: Math.floor(beforeMs / 1_000) } },
  )
  const sums = new Map(rows.map((row) => [cellAt(row.weekday, row.hour), row]))
  return lengthsOf(question, beforeMs).map(({ weeks, quarters }, at) => {
    const { revenue = '0', orders = '0' } = sums.get(at) ?? {}
    const perHour = (sumE4: bigint) =>
      quarters === 0 ? null : fromE4(divideHalfEven(sumE4 * 4n, BigInt(quarters)))
    return {
      weekday: Math.floor(at / 24) + 1,
      hour: at % 24,
      weeks,
      hours: fromE4(quarters * 2_500),
      revenue,
      orders: Number(orders),
      revenuePerHour: perHour(sumToE4(revenue)),
      ordersPerHour: perHour(BigInt(orders) * 10_000n),
    }
  })
}

const cellAt = (weekday: number, hour: number) => (weekday - 1) * 24 + hour

/** The running hour is not over. Hours of the clock begin at quarters of UTC in every zone. */
function startOfHour({ nowMs, timeZone }: ProfileQuestion): number {
  const hour = localHour(nowMs, timeZone)
  let start = Math.floor(nowMs / QUARTER_MS) * QUARTER_MS
  while (localHour(start - QUARTER_MS, timeZone) === hour) start -= QUARTER_MS
  return start
}

interface Length {
  weeks: number
  quarters: number
}

function lengthsOf({ from, to, timeZone, nowMs }: ProfileQuestion, beforeMs: number): Length[] {
  const lengths = Array.from({ length: 7 * 24 }, () => ({ weeks: 0, quarters: 0 }))
  const last = Math.min(parseDay(to), localDay(nowMs, timeZone))
  for (let day = parseDay(from); day <= last; day++)
    // Day 0 of the epoch was a Thursday.
    for (const [hour, quarters] of hoursOf(day, timeZone, beforeMs).entries()) {
      const length = lengths[cellAt(((day + 3) % 7) + 1, hour)]!
      length.quarters += quarters
      if (quarters > 0) length.weeks += 1
    }
  return lengths
}

/** How many quarters of an hour each local hour of a day has, those that are over. Days that are as usual need no walk. */
function hoursOf(day: number, timeZone: string, beforeMs: number): number[] {
  const start = startOfLocalDay(day, timeZone)
  const end = startOfLocalDay(day + 1, timeZone)
  const isUsual =
    end <= beforeMs &&
    end - start === QUARTERS_OF_DAY * QUARTER_MS &&
    offsetMs(start, timeZone) === offsetMs(end, timeZone)
  const hours = new Array<number>(24).fill(isUsual ? 4 : 0)
  if (isUsual) return hours
  for (let at = start; at < Math.min(end, beforeMs); at += QUARTER_MS) hours[localHour(at, timeZone)]! += 1
  return hours
}
