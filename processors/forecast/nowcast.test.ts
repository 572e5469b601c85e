import { describe, expect, it } from 'vitest'
import { countQuantile, expectCount } from './expect-count.ts'
import { intradayProfile, nowcast, SLOTS } from './nowcast.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

/** Sales from nine to nine, in hours. */
const shopDay = (scale: number, hours = 24) => seriesOf(hours, (i) => (i >= 9 && i < 21 ? scale : 0))

describe('nowcast', () => {
  const noise = normalFrom(31)
  const days = Array.from({ length: 20 }, () =>
    shopDay(100).map((value) => value * Math.max(0, 1 + 0.3 * noise())),
  )
  const profile = intradayProfile(days)
  const at = (elapsed: number, soFar: number) =>
    nowcast({ forecast: 1_200, forecastSd: 150, soFar, elapsed, profile })

  it('has a profile from 0 to 1 that never falls', () => {
    expect(profile.share[0]).toBe(0)
    expect(profile.share[SLOTS]).toBeCloseTo(1, 12)
    expect(profile.share.every((value, i) => i === 0 || value >= profile.share[i - 1]!)).toBe(true)
    expect(profile.share[SLOTS / 2]).toBeCloseTo(0.25, 1)
    expect(profile.days).toBe(20)
  })

  it('believes the forecast in the morning, what came in the evening, and at the end nothing else', () => {
    expect(at(0, 0).end).toMatchObject({ point: 1_200, lo80: expect.closeTo(1_200 - 1.2816 * 150, 1) })
    const [noon, late] = [at(0.5, 2 * 300).end, at(20 / 24, 2 * 1_100).end]
    expect(noon.point).toBeGreaterThan(1_250)
    expect(noon.point).toBeLessThan(2_300)
    expect(late.point).toBeGreaterThan(noon.point)
    expect(late.hi80 - late.lo80).toBeLessThan(noon.hi80 - noon.lo80)
    expect(at(1, 987).end).toEqual({ point: 987, lo80: 987, hi80: 987, lo95: 987, hi95: 987 })
  })

  it('weighs both by precision', () => {
    // By hand: half the day gone with a spread of 0.1; the day implied, 1,400, is uncertain by 0.2 × 1,400 = 280.
    const plain = { share: Float64Array.of(0, 0.5, 1), spread: Float64Array.of(0, 0.1, 0), days: 9 }
    const { end } = nowcast({ forecast: 1_200, forecastSd: 280, soFar: 700, elapsed: 0.5, profile: plain })
    expect(end.point).toBeCloseTo(1_300, 9)
    expect(end.hi95 - end.point).toBeCloseTo((1.959964 * 280) / Math.SQRT2, 3)
    // With half the spread the day implied weighs 0.8, which makes 1,360; what came and the forecast's other half are 1,300.
    const sure = { ...plain, spread: Float64Array.of(0, 0.05, 0) }
    const { end: both } = nowcast({
      forecast: 1_200,
      forecastSd: 280,
      soFar: 700,
      elapsed: 0.5,
      profile: sure,
    })
    expect(both.point).toBeCloseTo(1_330, 9)
    expect(both.hi95 - both.point).toBeCloseTo(1.959964 * 280 * Math.sqrt((0.2 + 0.5) / 2), 3)
  })

  it('stays calm at night', () => {
    const [atTwo, atSix] = [at(2 / 24, 0), at(6 / 24, 0)]
    expect(atSix).toEqual(atTwo)
    expect(atSix.pace).toBe('within')
    expect(atSix.end.point).toBe(1_200)
  })

  it('says when the pace leaves its band', () => {
    expect([0, 300, 900].map((soFar) => at(0.5, soFar).pace)).toEqual(['below', 'within', 'above'])
  })

  it('cannot end below what has come, unless refunds may take it back', () => {
    const input = { forecast: 100, forecastSd: 10, soFar: 180, elapsed: 0.5, profile }
    expect(nowcast(input).end.lo95).toBeGreaterThanOrEqual(180)
    expect(nowcast({ ...input, soFar: -20, mayFall: true }).byNow.lo95).toBeLessThan(25)
  })

  it('takes days of 23 and 25 hours by their elapsed share', () => {
    const long = intradayProfile([seriesOf(25, () => 4), seriesOf(23, () => 1), seriesOf(24, () => 2)])
    expect(long.share[SLOTS / 4]).toBeCloseTo(0.25, 12)
    const { end } = nowcast({ forecast: 100, forecastSd: 5, soFar: 50, elapsed: 12.5 / 25, profile: long })
    expect(end.point).toBeCloseTo(100, 9)
  })

  it('makes do without former days, and with days that say nothing', () => {
    const none = intradayProfile([new Float64Array(24), Float64Array.of(Number.NaN)])
    expect(none.days).toBe(0)
    expect(none.share[SLOTS / 2]).toBe(0.5)
    const dark = nowcast({ forecast: 0, forecastSd: 0, soFar: 0, elapsed: 0.3, profile: none })
    expect(dark).toMatchObject({ end: { point: 0, hi95: 0 }, pace: 'within' })
    expect(() => at(1.1, 0)).toThrow('share of the day')
  })
})

describe('expectCount', () => {
  it('says "usually 35 to 48"', () => {
    const usual = expectCount(41, [38, 45, 41, 36, 44, 40, 47, 39, 42, 43])!
    expect(usual.verdict).toBe('usual')
    expect(usual.lo80).toBeGreaterThanOrEqual(30)
    expect(usual.lo80).toBeLessThanOrEqual(35)
    expect(usual.hi80).toBeGreaterThanOrEqual(48)
    expect(usual.hi80).toBeLessThanOrEqual(55)
    expect(expectCount(5, [38, 45, 41, 36, 44, 40, 47, 39, 42, 43])!.verdict).toBe('fewer')
    expect(expectCount(120, [38, 45, 41, 36, 44, 40, 47, 39, 42, 43])!.verdict).toBe('more')
  })

  it('is calm where little happens', () => {
    for (const observed of [0, 1, 2, 3, 4]) {
      expect(expectCount(observed, [0, 0, 1, 0, 0, 0, 0, 0])!.verdict).toBe('usual')
      expect(expectCount(observed, [3, 2, 4, 1, 3, 2, 5])!.verdict).toBe('usual')
    }
    expect(expectCount(0, [0, 0, 0, 0])!).toMatchObject({ lo95: 0, verdict: 'usual' })
    expect(expectCount(30, [0, 0, 1, 0, 0, 0, 0, 0])!.verdict).toBe('more')
  })

  it('says nothing of too few days', () => {
    expect(expectCount(500, [1, 1, 1])!.verdict).toBe('usual')
    expect(expectCount(5, [Number.NaN])).toBeNull()
  })

  it('has a band that covers over-dispersed counts', () => {
    const noise = normalFrom(33)
    const count = () => Math.max(0, Math.round(40 + 9 * noise()))
    let within = 0
    for (let trial = 0; trial < 400; trial++) {
      const former = Array.from({ length: 12 }, count)
      const { lo80, hi80 } = expectCount(0, former)!
      const observed = count()
      if (observed >= lo80 && observed <= hi80) within += 1
    }
    expect(within / 400).toBeGreaterThan(0.76)
    expect(within / 400).toBeLessThan(0.9)
  })

  it('sums a negative binomial exactly: of size 1 it is geometric', () => {
    // Mean 4, variance 20: success ⅕, P(X ≤ k) = 1 − 0.8^(k + 1), so a half is reached at k = 3 and 0.9 at 10.
    expect(countQuantile(4, 20, 0.5)).toBe(3)
    expect(countQuantile(4, 20, 0.9)).toBe(10)
    // Next to Poisson with mean 10: P(X ≤ 4) = 0.0293 and P(X ≤ 3) = 0.0103, of the tables.
    expect(countQuantile(10, 10.0001, 0.025)).toBe(4)
    expect(Math.abs(countQuantile(2_500, 10_000, 0.9) - (2_500 + 128))).toBeLessThanOrEqual(1)
  })
})
