import { describe, expect, it } from 'vitest'
import { instantOfLocal, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { type DayClock, dayClock } from './day-clock.ts'
import { formerDays, seriesPace } from './day-pace.ts'

const HOUR_MS = 3_600_000
const QUARTER_MS = 900_000

function spanOf(day: number, timeZone: string) {
  return { startMs: startOfLocalDay(day, timeZone), endMs: startOfLocalDay(day + 1, timeZone) }
}
const clockOf = (day: number, timeZone: string): DayClock => dayClock(spanOf(day, timeZone), timeZone)

/** What a shop sells that is open from nine to nine by the clock, alike in every hour, by quarters that passed. */
function soldOn(day: number, timeZone: string, scale: number): Float64Array {
  const { startMs, endMs } = spanOf(day, timeZone)
  const at = (hour: number) => instantOfLocal(day * 24 * HOUR_MS + hour * HOUR_MS, timeZone)
  return Float64Array.from({ length: (endMs - startMs) / QUARTER_MS }, (_, quarter) => {
    const ms = startMs + quarter * QUARTER_MS
    return ms >= at(9) && ms < at(21) ? scale : 0
  })
}

const CHANGES = [
  ['America/New_York', '2025-03-09', 23],
  ['America/New_York', '2025-11-02', 25],
  ['Europe/London', '2025-03-30', 23],
  ['Europe/London', '2025-10-26', 25],
  ['America/Sao_Paulo', '2025-10-19', 24],
  // Midnight itself was skipped.
  ['America/Sao_Paulo', '2018-11-04', 23],
] as const

describe.each(CHANGES)('in %s on %s, a day of %i hours', (timeZone, date, hours) => {
  const day = parseDay(date)
  const clock = clockOf(day, timeZone)
  const minutesTo = (hour: number) =>
    (instantOfLocal(day * 24 * HOUR_MS + hour * HOUR_MS, timeZone) - startOfLocalDay(day, timeZone)) / 60_000

  it('stands where the clock does, never goes back, and ends at the end', () => {
    for (const hour of [4, 9, 12.25, 18, 23.5])
      expect(clock.shareAt(minutesTo(hour))).toBeCloseTo(hour / 24, 12)
    const shares = Array.from({ length: hours * 60 + 1 }, (_, minute) => clock.shareAt(minute))
    expect(shares.every((share, at) => at === 0 || share >= shares[at - 1]!)).toBe(true)
    expect(shares.at(-1)).toBe(1)
    expect(clock.shareAt(hours * 60 - 1)).toBeCloseTo(1_439 / 1_440, 9)
  })

  it('keeps every amount, at the quarter of the clock in which it came', () => {
    const sold = soldOn(day, timeZone, 2)
    const byClock = clock.byClock(sold)
    expect(byClock).toHaveLength(96)
    expect(byClock.reduce((sum, one) => sum + one)).toBe(sold.reduce((sum, one) => sum + one))
    expect([byClock[35], byClock[36], byClock[83], byClock[84]]).toEqual([0, 2, 2, 0])
  })

  it('has a day that goes as usual within the usual, and ending where it was forecast, at each hour', () => {
    const former = formerDays(day, day - 60)
    const profile = former.map((one) => clockOf(one, timeZone).byClock(soldOn(one, timeZone, 10)))
    const point = 12 * 4 * 10
    const pace = seriesPace('revenue', { point, high80: point * 1.1 }, profile)!
    for (let hour = 9; hour <= 21; hour += 0.5) {
      const soFar = (hour - 9) * 4 * 10
      const share = clock.shareAt(minutesTo(hour))
      expect(pace.usualBy(share).point, `usual by ${hour}`).toBeCloseTo(soFar, 6)
      const { end, place } = pace.endOf(soFar, share)
      expect(end.point, `end by ${hour}`).toBeCloseTo(point, 6)
      expect(place).toBe('within')
    }
  })
})

it('passes an hour that is repeated in both of them, and one that is skipped at once', () => {
  const long = clockOf(parseDay('2025-10-26'), 'Europe/London')
  expect([60, 90, 120, 150, 180].map((minute) => long.shareAt(minute) * 24)).toEqual([1, 1.25, 1.5, 1.75, 2])
  const short = clockOf(parseDay('2025-03-30'), 'Europe/London')
  expect([45, 60, 75].map((minute) => short.shareAt(minute) * 24)).toEqual([0.75, 2, 2.25])
})
