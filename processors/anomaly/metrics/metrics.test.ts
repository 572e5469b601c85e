import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../forest/seeded-random.ts'
import { type Assessment, assessCount, assessValue } from './assess-point.ts'
import { countTails, countZ, estimateDispersion } from './count-tails.ts'
import { NO_DRIFT, stepCusum } from './cusum.ts'
import { splitRevenue } from './split-revenue.ts'
import { DEFAULT_WATCH, NOT_WATCHED, type Watched, type WatchOptions, watchPoint } from './watch-series.ts'
import { baselineAt, emptyWeekHistory, recordBucket, weekBucket } from './week-history.ts'

/** Half-hours. */
const PER_WEEK = 336
const known = (expected: number, spread = 0) => ({ expected, spread, basis: 'weeks', samples: 24 }) as const

describe('the baseline', () => {
  it('is the median of the same time of former weeks, whatever one of them did', () => {
    const history = emptyWeekHistory(PER_WEEK)
    for (let bucket = 0; bucket < 6 * PER_WEEK; bucket++)
      recordBucket(history, bucket, bucket === 3 * PER_WEEK + 20 ? 9_999 : 100 + (bucket % PER_WEEK))
    const { expected, spread, basis, samples } = baselineAt(history, 6 * PER_WEEK + 20)
    expect({ expected, basis, samples }).toEqual({ expected: 120, basis: 'weeks', samples: 18 })
    expect(spread).toBeLessThan(2)
  })

  it('looks at days while there are no weeks, and says so when there is nothing', () => {
    const history = emptyWeekHistory(PER_WEEK)
    for (let bucket = 0; bucket < 4 * 48; bucket++) recordBucket(history, bucket, bucket % 48)
    expect(baselineAt(history, 4 * 48 + 10)).toMatchObject({ expected: 10, basis: 'days' })
    expect(baselineAt(emptyWeekHistory(PER_WEEK), 10).basis).toBe('none')
  })

  it('compares a holiday with Sundays, more widely, and never with what comes later', () => {
    const history = emptyWeekHistory(PER_WEEK)
    const isSunday = (bucket: number) => Math.floor((bucket % PER_WEEK) / 48) === 6
    for (let bucket = 0; bucket < 8 * PER_WEEK; bucket++)
      recordBucket(history, bucket, (isSunday(bucket) ? 10 : 100) + (bucket % 2))
    const thursday = 7 * PER_WEEK + 3 * 48 + 9
    expect(baselineAt(history, thursday).expected).toBe(100)
    expect(baselineAt(history, thursday, { isHoliday: true }).expected).toBe(10)
    recordBucket(history, 7 * PER_WEEK + 6 * 48, 5_000)
    expect(baselineAt(history, thursday, { isHoliday: true }).expected).toBeLessThan(12)
  })

  it('does not take what was written over weeks ago for last week', () => {
    const history = emptyWeekHistory(PER_WEEK, 4)
    for (let week = 0; week < 3; week++) recordBucket(history, week * PER_WEEK + 5, 7)
    expect(baselineAt(history, 3 * PER_WEEK + 5, { neighbours: 0 }).samples).toBe(3)
    expect(baselineAt(history, 9 * PER_WEEK + 5, { neighbours: 0 }).samples).toBe(0)
  })

  it('expects of what is sparse the mean, so that every order is not one more than expected', () => {
    const history = emptyWeekHistory(PER_WEEK)
    for (let bucket = 0; bucket < 6 * PER_WEEK; bucket++)
      recordBucket(history, bucket, bucket % 3 === 0 ? 1 : 0)
    recordBucket(history, 5 * PER_WEEK + 20, 500)
    const at = 6 * PER_WEEK + 20
    expect(baselineAt(history, at).expected).toBe(0)
    const sparse = baselineAt(history, at, { isSparse: true }).expected
    expect(sparse).toBeGreaterThan(0.2)
    expect(sparse).toBeLessThan(0.5)
  })

  it('numbers buckets by local time from a Monday', () => {
    const monday = Date.parse('2026-11-16T03:00:00Z')
    expect(weekBucket(monday, 'America/Sao_Paulo', PER_WEEK) % PER_WEEK).toBe(0)
    expect(weekBucket(monday, 'UTC', PER_WEEK) % PER_WEEK).toBe(6)
    expect(weekBucket(monday + 1_800_000, 'UTC', PER_WEEK)).toBe(weekBucket(monday, 'UTC', PER_WEEK) + 1)
  })
})

describe('counts', () => {
  it('have the tails of Poisson and of the negative binomial', () => {
    // P(X < 3) of Poisson(2) = e⁻²·(1 + 2 + 2), P(X = 3) = e⁻²·8/6.
    const { below, at, above } = countTails(3, 2, 0)
    expect(below + at + above).toBeCloseTo(1, 12)
    expect(below).toBeCloseTo(5 * Math.exp(-2), 12)
    expect(at).toBeCloseTo((8 / 6) * Math.exp(-2), 12)
    // Size 1 is geometric: P(X = k) = (1/3)·(2/3)^k for a mean of 2.
    expect(countTails(2, 2, 1).at).toBeCloseTo(4 / 27, 12)
    expect(countTails(2, 2, 1).below).toBeCloseTo(5 / 9, 12)
  })

  it('are the surer the farther they are from the mean, and the less sure the more they come in bursts', () => {
    const mean = fc.double({ min: 0.5, max: 2_000, noNaN: true })
    fc.assert(
      fc.property(
        mean,
        fc.constantFrom(0, 0.01, 0.3),
        fc.nat(3_000),
        fc.nat(50),
        (mu, dispersion, count, more) => {
          expect(countZ(count + more, mu, dispersion)).toBeGreaterThanOrEqual(
            countZ(count, mu, dispersion) - 1e-3,
          )
          expect(Math.abs(countZ(count, mu, dispersion))).toBeLessThanOrEqual(8)
          const isTail = Math.abs(count - mu) > 3 * Math.sqrt(mu)
          if (isTail)
            expect(Math.abs(countZ(count, mu, 0.3))).toBeLessThanOrEqual(
              Math.abs(countZ(count, mu, 0)) + 1e-3,
            )
        },
      ),
      { numRuns: 200 },
    )
    expect(countZ(0, 3, 0)).toBeGreaterThan(-2.2)
    expect(countZ(0, 30, 0)).toBeLessThan(-7)
    expect(countZ(100, 30, 0)).toBe(8)
    expect(countZ(0, 0, 0)).toBe(0)
  })

  it('are found as dispersed as they were made, whatever a few of them did', () => {
    const random = seededRandom(5)
    const poisson = (mean: number): number => {
      const limit = Math.exp(-mean)
      let count = 0
      for (let product = random.next(); product > limit; product *= random.next()) count++
      return count
    }
    const expected = Array.from({ length: 3_000 }, (_, n) => 20 + (n % 30))
    const plain = expected.map((mean) => poisson(mean))
    const bursts = expected.map((mean) => poisson(mean * (random.next() < 0.5 ? 0.5 : 1.5)))
    expect(estimateDispersion(plain, expected)).toBeLessThan(0.01)
    // The variance of the factor is 0.25; without the worst tenth a little less is seen.
    expect(estimateDispersion(bursts, expected)).toBeGreaterThan(0.12)
    expect(estimateDispersion(bursts, expected)).toBeLessThan(0.3)
    expect(estimateDispersion([], [])).toBe(0)
  })

  it('are no surer than chance, though all weeks were the same', () => {
    expect(Math.abs(assessCount(5, known(9, 0), 0).z)).toBeLessThan(2)
    expect(assessCount(5, known(900, 0), 0).z).toBe(-8)
    expect(assessCount(5, { expected: Number.NaN, spread: Number.NaN, basis: 'none', samples: 0 }, 0).z).toBe(
      0,
    )
  })
})

it('judges a ticket of few orders more mildly than one of many', () => {
  const few = assessValue(80, known(50, 1), { itemSpread: 30, items: 2 })
  const many = assessValue(80, known(50, 1), { itemSpread: 30, items: 400 })
  expect(few.z).toBeLessThan(2)
  expect(many.z).toBeGreaterThan(15)
  expect(assessValue(80, known(50, 1), { itemSpread: 30, items: 0 }).z).toBe(0)
})

describe('a watched series', () => {
  const point = (z: number, expected = 100): Assessment => {
    const observed = expected * (1 + z / 10)
    return { observed, expected, low: 0, high: 0, z }
  }
  const run = (zs: readonly (number | null)[], options: WatchOptions = DEFAULT_WATCH): Watched[] => {
    let watched = NOT_WATCHED
    return zs.map((z) => {
      watched = watchPoint(watched, z === null ? null : point(z), options)
      return watched
    })
  }
  const alarms = (watched: readonly Watched[]) => watched.map(({ alarm }) => alarm?.direction ?? '-')

  it('is in alarm from the k-th bad point of n until enough are calm', () => {
    const options = { ...DEFAULT_WATCH, clearAfter: 3 }
    expect(alarms(run([0, -5, 0, -5, 0, -5, -2, 0, 0, 0, 0], options))).toEqual([
      '-',
      '-',
      '-',
      '-',
      '-',
      'fall',
      'fall',
      'fall',
      'fall',
      '-',
      '-',
    ])
    expect(alarms(run([-5, -5, 0, 0, 0, -5, -5], options)).every((one) => one === '-')).toBe(true)
    expect(alarms(run([5, 5, 5], options)).at(-1)).toBe('rise')
  })

  it('needs an absolute and a relative change, however significant it is', () => {
    const sure = { observed: 88, expected: 100, low: 0, high: 0, z: -7 }
    const run3 = (options: WatchOptions) => {
      let watched = NOT_WATCHED
      for (let n = 0; n < 3; n++) watched = watchPoint(watched, sure, options)
      return watched.alarm
    }
    const noDrift = { ...DEFAULT_WATCH, cusum: { slack: 0.5, limit: 1_000 } }
    expect(run3(noDrift)).toBeNull()
    expect(run3({ ...noDrift, leastRelative: 0.1 })).toEqual({ direction: 'fall', cause: 'level' })
    expect(run3({ ...noDrift, leastRelative: 0.1, leastAbsolute: 13 })).toBeNull()
  })

  it('never flaps: an alarm lasts clearAfter points at least, and k bad points lie between two', () => {
    const zs = fc.array(fc.double({ min: -7, max: 7, noNaN: true }), { minLength: 20, maxLength: 300 })
    fc.assert(
      fc.property(
        zs,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        (list, k, clearAfter) => {
          const options = { ...DEFAULT_WATCH, k, n: 5, clearAfter, cusum: { slack: 0.5, limit: 1e6 } }
          const states = alarms(run(list, options))
          let began = -1
          let ended = -k
          for (const [at, state] of states.entries()) {
            const before = states[at - 1] ?? '-'
            if (state !== '-' && before === '-') {
              expect(at - ended).toBeGreaterThanOrEqual(k)
              began = at
            }
            if (state === '-' && before !== '-') {
              expect(at - began).toBeGreaterThanOrEqual(clearAfter)
              const last = list.slice(at - clearAfter + 1, at + 1)
              expect(last.every((z) => (before === 'fall' ? z > -1.5 : z < 1.5))).toBe(true)
              ended = at
            }
            // An alarm does not turn round without ending.
            if (state !== '-' && before !== '-') expect(state).toBe(before)
          }
        },
      ),
      { numRuns: 100 },
    )
  })

  it('tells a slow drift that no point shows, and not what is only even noise', () => {
    const random = seededRandom(3)
    const noise = () => random.next() + random.next() + random.next() + random.next() - 2
    const even = Array.from({ length: 2_000 }, () => noise() / 0.58)
    expect(alarms(run(even)).every((one) => one === '-')).toBe(true)
    const states = run(even.map((z, n) => z - (n > 500 ? 1.3 : 0)))
    const first = states.findIndex(({ alarm }) => alarm !== null)
    expect(first).toBeGreaterThan(500)
    expect(first).toBeLessThan(550)
    expect(states[first]!.alarm).toEqual({ direction: 'fall', cause: 'drift' })
  })

  it('learns nothing while its source is stale', () => {
    expect(run([-5, -5, null, null, null, null]).at(-1)).toEqual(run([-5, -5]).at(-1))
    expect(alarms(run([-5, -5, null, -5])).at(-1)).toBe('fall')
  })
})

it('adds up both sides of a drift apart, within bounds', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 200 }), (zs) => {
      let cusum = NO_DRIFT
      let mirrored = NO_DRIFT
      const options = { slack: 0.5, limit: 8 }
      for (const z of zs) {
        cusum = stepCusum(cusum, { z, observed: 1, expected: 1 }, options)
        mirrored = stepCusum(mirrored, { z: -z, observed: 1, expected: 1 }, options)
      }
      expect([mirrored.down, mirrored.up]).toEqual([cusum.up, cusum.down])
      expect(Math.min(cusum.up, cusum.down)).toBeGreaterThanOrEqual(0)
      expect(Math.max(cusum.up, cusum.down)).toBeLessThanOrEqual(16)
    }),
    { numRuns: 50 },
  )
})

it('splits a change of revenue into orders and ticket without a rest', () => {
  const parts = fc.record({
    orders: fc.integer({ min: 0, max: 1e5 }),
    ticket: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
  })
  fc.assert(
    fc.property(parts, parts, (observed, expected) => {
      const { byOrders, byTicket } = splitRevenue(observed, expected)
      const change = observed.orders * observed.ticket - expected.orders * expected.ticket
      expect(byOrders + byTicket).toBeCloseTo(change, 3)
      const back = splitRevenue(expected, observed)
      expect(back.byOrders + byOrders).toBeCloseTo(0, 3)
    }),
  )
  const { byOrders, byTicket } = splitRevenue({ orders: 60, ticket: 51 }, { orders: 100, ticket: 50 })
  expect(byOrders).toBeLessThan(-1_900)
  expect(byTicket).toBeGreaterThan(0)
})
