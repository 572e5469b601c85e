import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aliveProbability, churnRisk, expectedPurchases, purchasesIfAlive } from './bg-nbd.ts'
import { type BgNbd, bgNbdObjective, fitBgNbd, groupPurchases } from './fit-bg-nbd.ts'
import { expectedPurchaseValue, fitGammaGamma, gammaGammaObjective } from './gamma-gamma.ts'
import type { Objective } from './minimise.ts'
import { lifetimeValue, predictCustomer, predictRange } from './predict-value.ts'
import { type RepeatPurchases, repeatPurchases } from './repeat-purchases.ts'
import { hypergeometric2F1 } from './special-functions.ts'
import { CDNOW_END, readCdnowFull, readCdnowSample, readCdnowSummary } from './testing/read-cdnow.ts'

const sample = readCdnowSample()
const purchases = repeatPurchases(sample.rows, sample.customers, CDNOW_END)
const groups = groupPurchases(purchases)

describe('repeat purchases', () => {
  it('of CDNOW’s sample are those that were published', () => {
    for (const [who, [, repeats, last, age]] of readCdnowSummary().entries()) {
      expect(purchases.repeats[who]).toBe(repeats)
      expect(Math.abs(purchases.lastAfterDays[who]! / 7 - last!)).toBeLessThan(0.0051)
      expect(Math.abs(purchases.ageDays[who]! / 7 - age!)).toBeLessThan(0.0051)
    }
  })

  it('count days, leave the first out, and what comes too late', () => {
    const rows = {
      customer: Int32Array.from([0, 0, 0, 0, 2, 0]),
      day: Int32Array.from([15, 10, 10, 15, 31, 20]),
      valueE4: Float64Array.from([5, 100, 7, 6, 1, 9]),
    }
    expect(repeatPurchases(rows, 3, 30)).toEqual({
      repeats: Int32Array.of(2, 0, 0),
      lastAfterDays: Int32Array.of(10, 0, 0),
      ageDays: Int32Array.of(20, -1, -1),
      meanValueE4: Float64Array.of(10, 0, 0),
    })
  })
})

describe('BG/NBD', () => {
  const fit = fitted(fitBgNbd(groups))

  it('fits CDNOW’s sample as Fader, Hardie and Lee do', () => {
    const { r, alpha, a, b } = fit.model
    expect([r, alpha, a, b].map((value) => value.toFixed(4))).toEqual([
      '0.2426',
      '4.4136',
      '0.7929',
      '2.4259',
    ])
    expect(fit.logLikelihood).toBeCloseTo(-9_582.43, 2)
    expect(fit.customers).toBe(2_357)
  })

  it('fits all 23,570 customers as lifetimes does', () => {
    const full = fitted(fitBgNbd(readCdnowFull()))
    const { r, alpha, a, b } = full.model
    expect([r, alpha, a, b].map((value) => value.toFixed(4))).toEqual([
      '0.2516',
      '4.7889',
      '0.7234',
      '2.1611',
    ])
    expect(full.customers).toBe(23_570)
  })

  it('fits the same in days as in weeks, but for the unit of α', () => {
    const days = fitted(fitBgNbd(groups, 1))
    expect(days.model.alpha / 7).toBeCloseTo(fit.model.alpha, 4)
    expect(days.model.b).toBeCloseTo(fit.model.b, 4)
    const customer = { repeats: 2, lastAfterDays: 213, ageDays: 272 }
    expect(expectedPurchases(days.model, customer, 273)).toBeCloseTo(
      expectedPurchases(fit.model, customer, 273),
      5,
    )
  })

  it('expects 1.226 purchases in 39 weeks of who bought twice again, last after 30.43 of 38.86 weeks', () => {
    const customer = { repeats: 2, lastAfterDays: 30.43 * 7, ageDays: 38.86 * 7 }
    expect(expectedPurchases(fit.model, customer, 39 * 7)).toBeCloseTo(1.226, 3)
  })

  it('expects what the published formula says, wherever that can be computed', () => {
    fc.assert(
      fc.property(
        anyModel(),
        fc.nat(30),
        fc.nat(700),
        fc.integer({ min: 1, max: 400 }),
        (model, repeats, age, days) => {
          const wanted = publishedExpectation(model, repeats, age / 7, days / 7)
          const value = purchasesIfAlive(model, { repeats, ageDays: age }, days)
          expect(Math.abs(value - wanted)).toBeLessThan(1e-6 * Math.max(1, wanted))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('stays finite for daily buyers, long horizons and the formula’s holes', () => {
    const daily = { repeats: 3_000, lastAfterDays: 3_640, ageDays: 3_650 }
    expect(expectedPurchases(fit.model, daily, 365)).toBeGreaterThan(100)
    const holes = [
      { ...fit.model, a: 1 },
      { ...fit.model, a: 0.4, b: 0.6 },
    ]
    for (const model of holes) {
      const beside = { ...model, a: model.a + 1e-4 }
      const customer = { repeats: 0, ageDays: 100 }
      expect(purchasesIfAlive(model, customer, 365)).toBeCloseTo(purchasesIfAlive(beside, customer, 365), 3)
    }
  })

  it('thinks who bought often and then fell silent more likely gone; who bought once, alive', () => {
    const silent = (repeats: number) => ({ repeats, lastAfterDays: 100, ageDays: 270 })
    expect(aliveProbability(fit.model, silent(9))).toBeLessThan(aliveProbability(fit.model, silent(1)))
    expect(churnRisk(fit.model, { repeats: 0, lastAfterDays: 0, ageDays: 270 })).toBe(0)
    expect(churnRisk(fit.model, { repeats: 5_000, lastAfterDays: 10, ageDays: 3_000 })).toBe(1)
    expect(churnRisk(fit.model, silent(3)) + aliveProbability(fit.model, silent(3))).toBeCloseTo(1, 12)
  })

  it('refuses few repeat buyers, and customers who are all alike', () => {
    expect(fitBgNbd(groupPurchases(alike(29)))).toMatchObject({
      type: 'refused',
      reason: 'too-few-repeat-buyers',
    })
    expect(fitBgNbd(groupPurchases(alike(200)))).toMatchObject({ type: 'refused', reason: 'not-converged' })
  })

  it('climbs by its true gradient', () => expectTrueGradient(bgNbdObjective(groups, 7), 4))
})

describe('Gamma-Gamma', () => {
  const fit = fitted(fitGammaGamma(purchases))

  it('fits CDNOW’s sample as Fader and Hardie do', () => {
    const { p, q, v } = fit.model
    expect([p, q, v].map((value) => value.toFixed(2))).toEqual(['6.25', '3.74', '15.44'])
    expect(fit.logLikelihood).toBeCloseTo(-4_055.92, 2)
    expect(fit.customers).toBe(946)
  })

  it('fits as well where its last steps are below what doubles tell apart', () => {
    const row = sample.rows.day.findLastIndex(
      (day, at) => sample.rows.customer[at] === sample.rows.customer[0] && day <= CDNOW_END,
    )
    for (const factor of [0.95, 0.9, 0.75, 0.5, 0.4]) {
      const valueE4 = sample.rows.valueE4.slice()
      valueE4[row] = Math.round(valueE4[row]! * factor)
      const { p, q } = fitted(
        fitGammaGamma(repeatPurchases({ ...sample.rows, valueE4 }, sample.customers, CDNOW_END + 1)),
      ).model
      expect(p).toBeCloseTo(6.24, 1)
      expect(q).toBeCloseTo(3.75, 1)
    }
  })

  it('expects the mean of all of who never came again, and nearly his own of who came often', () => {
    const { p, q, v } = fit.model
    expect(expectedPurchaseValue(fit.model, 0, 0)).toBeCloseTo((p * v) / (q - 1), 9)
    expect(expectedPurchaseValue(fit.model, 10_000, 80)).toBeCloseTo(80, 1)
  })

  it('refuses few buyers, and those who spend nothing', () => {
    expect(fitGammaGamma(alike(10))).toMatchObject({ type: 'refused', reason: 'too-few-repeat-buyers' })
    const worthless = { ...purchases, meanValueE4: purchases.meanValueE4.map(() => -5) }
    expect(fitGammaGamma(worthless)).toMatchObject({ type: 'refused', reason: 'too-few-repeat-buyers' })
    expect(fitGammaGamma(alike(200))).toMatchObject({ type: 'refused', reason: 'not-converged' })
  })

  it('climbs by its true gradient', () => {
    const means = Float64Array.from({ length: 40 }, (_, at) => 5 + ((at * 13) % 60))
    expectTrueGradient(
      gammaGammaObjective(
        Int32Array.from(means, (mean) => 1 + (mean % 7)),
        means,
      ),
      3,
    )
  })
})

describe('lifetime value', () => {
  const models = { bgNbd: fitted(fitBgNbd(groups)).model, gammaGamma: fitted(fitGammaGamma(purchases)).model }
  const customer = { repeats: 2, lastAfterDays: 213, ageDays: 272, meanValueE4: 250_000 }

  it('is expected purchases of the next year times what one is worth', () => {
    const { purchases: count, valueE4 } = predictCustomer(models, customer)
    expect(count).toBeCloseTo(expectedPurchases(models.bgNbd, customer, 365), 12)
    expect(valueE4).toBe(Math.round(count * expectedPurchaseValue(models.gammaGamma, 2, 25) * 10_000))
    expect(lifetimeValue(models, customer)).toBe(valueE4)
  })

  it('is less when discounted, by no more than the whole year’s discount', () => {
    const whole = lifetimeValue(models, customer)
    const discounted = lifetimeValue(models, customer, { months: 12, monthlyDiscountRate: 0.01 })
    expect(discounted).toBeLessThan(whole / 1.01)
    expect(discounted).toBeGreaterThan(whole / 1.01 ** 12)
    expect(lifetimeValue(models, customer, { months: 12, monthlyDiscountRate: 1e-12 })).toBeCloseTo(whole, -1)
  })

  it('of columns is that of each customer', () => {
    const out = { aliveProbability: column(), purchases: column(), valueE4: column() }
    predictRange(models, purchases, { from: 0, to: 2_000 }, out)
    for (const who of [0, 1, 777, 1_999]) {
      const one = predictCustomer(models, {
        repeats: purchases.repeats[who]!,
        lastAfterDays: purchases.lastAfterDays[who]!,
        ageDays: purchases.ageDays[who]!,
        meanValueE4: purchases.meanValueE4[who]!,
      })
      expect([out.aliveProbability[who], out.purchases[who], out.valueE4[who]]).toEqual([
        one.aliveProbability,
        one.purchases,
        one.valueE4,
      ])
    }
    expect(out.purchases[2_000]).toBe(0)
  })

  it('is not known without a model of values, while purchases are', () => {
    const prediction = predictCustomer({ ...models, gammaGamma: null }, customer)
    expect(prediction.valueE4).toBeNaN()
    expect(prediction.purchases).toBeGreaterThan(0)
  })
})

function fitted<T extends { type: string }>(fit: T): Extract<T, { type: 'fitted' }> {
  if (fit.type !== 'fitted') throw new Error(JSON.stringify(fit))
  return fit as Extract<T, { type: 'fitted' }>
}

function column(): Float64Array {
  return new Float64Array(sample.customers)
}

/** Customers with the same history. */
function alike(customers: number): RepeatPurchases {
  return {
    repeats: new Int32Array(customers).fill(4),
    lastAfterDays: new Int32Array(customers).fill(90),
    ageDays: new Int32Array(customers).fill(100),
    meanValueE4: new Float64Array(customers).fill(120_000),
  }
}

function anyModel(): fc.Arbitrary<BgNbd> {
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  return fc.record({
    r: between(0.05, 3),
    alpha: between(0.5, 30),
    // Not below 1.3 together: there the published formula itself loses its digits.
    a: fc.oneof(between(0.3, 0.95), between(1.05, 4)),
    b: between(1.3, 6),
    daysPerUnit: fc.constant(7),
  })
}

/** Equation 10 of the paper without its denominator, letter by letter. */
function publishedExpectation({ r, alpha, a, b }: BgNbd, x: number, age: number, time: number): number {
  const z = time / (alpha + age + time)
  const shrunk =
    ((alpha + age) / (alpha + age + time)) ** (r + x) * hypergeometric2F1(r + x, b + x, a + b + x - 1, z)
  return ((a + b + x - 1) / (a - 1)) * (1 - shrunk)
}

function expectTrueGradient(objective: Objective, size: number): void {
  const near = fc.array(fc.double({ min: -1, max: 2, noNaN: true }), { minLength: size, maxLength: size })
  fc.assert(
    fc.property(near, (start) => {
      const point = Float64Array.from(start)
      const gradient = new Float64Array(size)
      objective(point, gradient)
      for (let at = 0; at < size; at++) {
        const value = (by: number) =>
          objective(
            point.map((one, i) => (i === at ? one + by : one)),
            new Float64Array(size),
          )
        expect(gradient[at]).toBeCloseTo((value(1e-5) - value(-1e-5)) / 2e-5, 5)
      }
    }),
    { numRuns: 10 },
  )
}
