import { describe, expect, it } from 'vitest'
import { parseDay } from '../../core/runtime/local-time.ts'
import { formerDays, seriesPace } from './day-pace.ts'
import { seriesOf } from './testing/noise.ts'

const SATURDAY = parseDay('2025-11-15')
const MONDAY = parseDay('2025-11-17')

describe('formerDays', () => {
  it('are the same weekday of eight weeks', () => {
    expect(formerDays(MONDAY, MONDAY - 400)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((week) => MONDAY - 7 * week),
    )
    expect(formerDays(MONDAY, MONDAY - 28)).toHaveLength(4)
  })

  it('are days of work, or the other ones, while the same weekday was seen too seldom', () => {
    const workdays = formerDays(MONDAY, MONDAY - 14)
    expect(workdays.map((day) => MONDAY - day)).toEqual([3, 4, 5, 6, 7, 10, 11, 12, 13, 14])
    expect(formerDays(SATURDAY, SATURDAY - 14).map((day) => SATURDAY - day)).toEqual([6, 7, 13, 14])
    expect(formerDays(MONDAY, MONDAY)).toEqual([])
  })
})

describe('seriesPace', () => {
  /** Hours from nine to five, each a little different. */
  const days = [1, 2, 3, 4, 5].map((factor) =>
    seriesOf(24, (hour) => (hour >= 9 && hour < 17 ? 10 + factor : 0)),
  )
  const orders = seriesPace('orders', { point: 208, high80: 230 }, days)!

  it('says what is usual in whole counts, at the level of the day’s forecast, and nothing before it opens', () => {
    // The mean of the former days is 104: twice as many are expected today.
    const noon = orders.usualBy(13 / 24)
    expect(noon.point).toBeCloseTo(104, 0)
    expect(noon.lo80).toBeLessThan(104)
    expect(Number.isInteger(noon.lo80) && Number.isInteger(noon.hi80)).toBe(true)
    expect(orders.usualBy(9 / 24)).toEqual({ point: 0, lo80: 0, hi80: 0, lo95: 0, hi95: 0 })
    expect(orders.days).toBe(5)
  })

  it('says how the count stands to that, and where the day ends', () => {
    expect([20, 104, 300].map((count) => orders.endOf(count, 13 / 24).place)).toEqual([
      ...['below', 'within', 'above'],
    ])
    const { end } = orders.endOf(130, 13 / 24)
    expect(end.point).toBeGreaterThan(208)
    expect(end.point).toBeLessThan(260)
    expect(orders.endOf(212, 1).end).toMatchObject({ point: 212, lo80: 212, hi80: 212 })
    // An order and no order at night are no news.
    expect(orders.endOf(1, 0.1).place).toBe('within')
  })

  it('has no band below 0 for a shop that never was there, and one for a shop that was', () => {
    const wide = { point: 1_000, high80: 2_500 }
    const revenueBy = (hour: number, former: Float64Array[]) =>
      seriesPace('revenue', wide, former)!.usualBy(hour / 24)
    expect(revenueBy(10, days)).toMatchObject({ lo80: 0, lo95: 0 })
    const refunded = days.map((day) => day.map((value, hour) => (hour === 8 ? -10 : value)))
    expect(revenueBy(9, refunded).lo80).toBeLessThan(0)
  })

  it('says nothing of too few former days, nor of a day on which the shop is closed', () => {
    expect(seriesPace('revenue', { point: 100, high80: 120 }, days.slice(0, 3))).toBeUndefined()
    expect(
      seriesPace('revenue', { point: 100, high80: 120 }, [...days.slice(0, 3), new Float64Array(24)]),
    ).toBeUndefined()
    expect(seriesPace('revenue', { point: 0, high80: 0 }, days)).toBeUndefined()
  })
})
