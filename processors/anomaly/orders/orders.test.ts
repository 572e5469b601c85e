import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explainRow } from '../forest/explain-row.ts'
import { fitForest } from '../forest/fit-forest.ts'
import { scoreRows } from '../forest/score-rows.ts'
import { seededRandom } from '../forest/seeded-random.ts'
import { alarmThreshold, decideAlarm, NO_ALARMS } from './alarm-threshold.ts'
import { explainOrder } from './explain-order.ts'
import { type ObservedOrder, ORDER_FEATURES, type OrderContext, orderFeatures } from './order-features.ts'
import {
  type CustomerHistory,
  countOrder,
  emptyTenantHistory,
  NO_CUSTOMER_HISTORY,
  RECENT_AMOUNTS,
  usualOfCustomer,
  usualOfTenant,
  withOrder,
} from './order-history.ts'
import { Reservoir } from './reservoir.ts'
import { SlidingCounts } from './sliding-counts.ts'

const MINUTE = 60_000
const plain: ObservedOrder = {
  amountE4: 500_000,
  discountE4: 0,
  items: 3,
  localHour: 14,
  region: 'SP',
  prices: [],
}
const amounts = fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 200 })

function historyOf(amountsE4: readonly number[], region = 'SP'): CustomerHistory {
  return amountsE4.reduce(
    (history, amountE4) => withOrder(history, { amountE4, region }),
    NO_CUSTOMER_HISTORY,
  )
}

it('keeps what is usual of a tenant within its step, and takes orders out again', () => {
  fc.assert(
    fc.property(amounts, amounts, (kept, gone) => {
      const history = emptyTenantHistory()
      for (const amountE4 of [...kept, ...gone]) countOrder(history, { amountE4, localHour: 3 })
      for (const amountE4 of gone) countOrder(history, { amountE4, localHour: 3 }, -1)
      const sorted = kept.map(Math.log2).sort((a, b) => a - b)
      const low = sorted[(sorted.length - 1) >> 1]!
      expect(Math.abs(usualOfTenant(history)!.median - low)).toBeLessThanOrEqual(1 / 32 + 1e-9)
      expect(history.orders).toBe(kept.length)
    }),
    { numRuns: 50 },
  )
  expect(usualOfTenant(emptyTenantHistory())).toBeNull()
})

it('is not moved by one wild order, and forgets what is long ago', () => {
  const wild = usualOfCustomer(historyOf([50, 52, 48, 51, 49, 50_000].map((amount) => amount * 10_000)))!
  expect(2 ** wild.median / 10_000).toBeCloseTo(50.5, 0)
  const many = historyOf(Array.from({ length: 100 }, (_, n) => (n < 60 ? 10_000 : 990_000)))
  expect(many.amountsE4.length).toBe(RECENT_AMOUNTS)
  expect(2 ** usualOfCustomer(many)!.median).toBeCloseTo(990_000, 3)
  expect(many.orders).toBe(100)
})

it('counts exactly the orders of the window, as long as nothing had to be forgotten', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    gap: fc.integer({ min: 0, max: 4 * MINUTE }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const counts = new SlidingCounts({ windowMs: 10 * MINUTE })
      const all: { key: string; at: number }[] = []
      let at = 0
      for (const { key, gap } of steps) {
        at += gap
        all.push({ key, at })
        const within = all.filter((one) => one.key === key && one.at > at - 10 * MINUTE)
        expect(counts.add(key, at)).toEqual({ count: within.length, spanMs: at - within[0]!.at })
      }
    }),
    { numRuns: 60 },
  )
})

it('never holds more keys or times than it may', () => {
  const counts = new SlidingCounts({ windowMs: 1_000, maxKeys: 3, maxTimes: 4 })
  for (const key of ['a', 'b', 'c', 'a', 'd']) counts.add(key, 0)
  expect(counts.size).toBe(3)
  // `b` was heard of least recently and went.
  expect(counts.add('a', 1).count).toBe(3)
  expect(counts.add('b', 1).count).toBe(1)
  for (let n = 0; n < 10; n++) counts.add('a', 2)
  expect(counts.add('a', 2).count).toBe(5)
})

it('gives a feature for whatever there is to compare with, and NaN for the rest', () => {
  const tenant = emptyTenantHistory()
  const nothing = orderFeatures(plain, context({ customer: null, tenant }))
  expect(named(nothing)).toEqual({
    amount_vs_customer: Number.NaN,
    amount_vs_tenant: Number.NaN,
    items: 2,
    discount_share: 0,
    hour_rarity: -Math.log2(1 / 24),
    region_rarity: Number.NaN,
    customer_velocity: Number.NaN,
    card_velocity: Number.NaN,
    address_velocity: Number.NaN,
    new_customer: Number.NaN,
    price_vs_catalogue: Number.NaN,
  })
  for (let n = 0; n < 76; n++) countOrder(tenant, { amountE4: 250_000, localHour: 14.5 })
  const order = { ...plain, discountE4: 500_000, region: 'AM', prices: [{ paidE4: 100, catalogueE4: 800 }] }
  const features = named(
    orderFeatures(order, {
      customer: historyOf([125_000, 125_000]),
      tenant,
      velocity: { customer: { count: 4, spanMs: 0 }, card: { count: 1, spanMs: 0 }, address: null },
    }),
  )
  expect(features).toMatchObject({ amount_vs_customer: 2, discount_share: 0.5, price_vs_catalogue: 3 })
  expect(features).toMatchObject({ customer_velocity: 2, card_velocity: 0, new_customer: 0 })
  expect(features.hour_rarity).toBeCloseTo(-Math.log2(77 / 100), 12)
  expect(features.region_rarity).toBeCloseTo(-Math.log2(0.5 / 2.5), 12)
  // One doubling over a spread that is taken for a quarter of one, to the step of the histogram.
  expect(features.amount_vs_tenant).toBeCloseTo(4, 0)
})

it('keeps an even sample first, then forgets what is older than the horizon; the same for the same seed', () => {
  const sampled = (seed: number, count: number, horizon: number): number[] => {
    const reservoir = new Reservoir({ features: 1, capacity: 500, horizon, seed })
    for (let n = 0; n < count; n++) reservoir.add(Float64Array.of(n))
    return [...reservoir.rows().values]
  }
  expect(sampled(1, 300, 500)).toEqual(Array.from({ length: 300 }, (_, n) => n))
  expect(sampled(1, 10_000, 1e9)).toEqual(sampled(1, 10_000, 1e9))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(Math.abs(mean(sampled(2, 20_000, 1e9)) - 10_000)).toBeLessThan(800)
  // Of a life of 1,000 rows nearly nothing is left after 10,000.
  expect(sampled(3, 20_000, 1_000).filter((n) => n < 10_000).length).toBeLessThan(3)
})

it('raises no more alarms than contamination and budget allow', () => {
  const scores = fc.array(fc.double({ min: 0.3, max: 1, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(
      scores,
      fc.double({ min: 0, max: 0.2, noNaN: true }),
      fc.integer({ min: 0, max: 9 }),
      (list, contamination, dailyBudget) => {
        const sample = Float64Array.from(list)
        const ordersPerDay = 200
        const threshold = alarmThreshold(sample, { contamination, dailyBudget, ordersPerDay })
        const above = sample.filter((score) => score > threshold).length
        expect(above).toBeLessThanOrEqual(sample.length * Math.min(contamination, dailyBudget / ordersPerDay))
        let state = NO_ALARMS
        const outcomes = list.map((score) => {
          const decision = decideAlarm(state, { score, threshold: 0.5, day: 20_000, dailyBudget })
          state = decision.state
          return decision.outcome
        })
        expect(state.alarms).toBe(outcomes.filter((outcome) => outcome === 'alarm').length)
        expect(state.alarms).toBeLessThanOrEqual(dailyBudget)
        expect(state.alarms + state.withheld).toBe(list.filter((score) => score > 0.5).length)
      },
    ),
    { numRuns: 60 },
  )
  const next = decideAlarm(
    { day: 1, alarms: 5, withheld: 2 },
    { score: 0.9, threshold: 0.6, day: 2, dailyBudget: 1 },
  )
  expect(next).toEqual({ state: { day: 2, alarms: 1, withheld: 0 }, outcome: 'alarm' })
})

it('finds the order that stands out among a shop’s, and says why in both languages', () => {
  const { rows, tenant, customer } = aShop()
  const forest = fitForest(rows, { seed: 3 })
  const velocity = {
    customer: { count: 3, spanMs: 3.4 * MINUTE },
    card: { count: 1, spanMs: 0 },
    address: null,
  }
  const strange = { ...plain, amountE4: 9 * 500_000, localHour: 3.2 }
  const asked = orderFeatures(strange, { customer, tenant, velocity })
  const { score, contributions } = explainRow(forest, asked)
  const scores = scoreRows(forest, rows)
  const threshold = alarmThreshold(scores, { contamination: 0.002, dailyBudget: 20, ordersPerDay: 1_000 })
  expect(score).toBeGreaterThan(threshold)
  const explained = { order: strange, context: { customer, tenant, velocity }, contributions }
  for (const part of ["9× this customer's usual amount", 'at 03:12', 'third order in 4 minutes'])
    expect(explainOrder(explained, 'en')).toContain(part)
  for (const part of ['9× o valor habitual deste cliente', 'às 03:12', 'terceiro pedido em 4 minutos'])
    expect(explainOrder(explained, 'pt-BR')).toContain(part)
})

it('says every reason in words, and passes over what has nothing to tell', () => {
  const tenant = emptyTenantHistory()
  countOrder(tenant, { amountE4: 500_000, localHour: 1 })
  const order = {
    ...plain,
    amountE4: 50_000,
    discountE4: 450_000,
    region: 'AM',
    items: 1,
    prices: [{ paidE4: 25, catalogueE4: 100 }],
  }
  const none = { customer: null, card: null, address: null }
  const velocities: Record<string, OrderContext['velocity']> = {
    card_velocity: { ...none, card: { count: 11, spanMs: 30 } },
    address_velocity: { ...none, address: { count: 2, spanMs: 61_000 } },
  }
  const text = (feature: string, language: 'en' | 'pt-BR', customer = historyOf([500_000])) =>
    explainOrder(
      {
        order,
        context: { customer, tenant, velocity: velocities[feature] ?? none },
        contributions: ORDER_FEATURES.map((name) => (name === feature ? 2 : 0)),
      },
      language,
    )
  expect(ORDER_FEATURES.map((feature) => text(feature, 'en'))).toEqual([
    "10% of this customer's usual amount",
    "10% of the shop's usual amount",
    '1 unit',
    '90% discount',
    'at 14:00',
    'to AM, unusual for this customer',
    'an unusual combination',
    '11th order with this card in a minute',
    'second order to this address in 2 minutes',
    'an unusual combination',
    "a price 25% of the catalogue's",
  ])
  expect(text('new_customer', 'pt-BR', NO_CUSTOMER_HISTORY)).toBe('primeiro pedido deste cliente')
  expect(text('card_velocity', 'pt-BR')).toBe('11º pedido com este cartão em 1 minuto')
  // Where no order of the sample followed another, no tree asks how fast they come.
  const fast = { customer: historyOf([500_000]), tenant, velocity: velocities.card_velocity! }
  const hourAlone = ORDER_FEATURES.map((name) => (name === 'hour_rarity' ? 2 : 0))
  expect(explainOrder({ order, context: fast, contributions: hourAlone }, 'en')).toBe(
    'at 14:00, 11th order with this card in a minute',
  )
})

function context(given: Pick<OrderContext, 'customer' | 'tenant'>): OrderContext {
  return { ...given, velocity: { customer: null, card: null, address: null } }
}

function named(features: Float64Array): Record<string, number> {
  return Object.fromEntries(ORDER_FEATURES.map((name, at) => [name, features[at]!]))
}

/** Two thousand orders of the day by customers who spend about 50; by night there are few. */
function aShop() {
  const random = seededRandom(11)
  const tenant = emptyTenantHistory()
  const customer = historyOf([480_000, 500_000, 520_000, 500_000])
  const reservoir = new Reservoir({
    features: ORDER_FEATURES.length,
    capacity: 2_000,
    horizon: 2_000,
    seed: 1,
  })
  for (let n = 0; n < 2_000; n++) {
    const localHour = random.below(50) === 0 ? random.below(7) : 8 + random.next() * 13
    const order = {
      ...plain,
      localHour,
      items: 1 + random.below(6),
      amountE4: Math.round(500_000 * 2 ** (random.next() * 2 - 1)),
    }
    const count = random.below(40) === 0 ? 2 : 1
    const velocity = { customer: { count, spanMs: 0 }, card: { count: 1, spanMs: 0 }, address: null }
    reservoir.add(orderFeatures(order, { customer, tenant, velocity }))
    countOrder(tenant, order)
  }
  return { rows: reservoir.rows(), tenant, customer }
}
