import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parseOrdersTopicEvent } from '../../../core/contracts/events.ts'
import { customerEvent, productEvent } from '../../../core/contracts/facts.ts'
import type { OrderEventInput } from '../../../core/contracts/order.ts'
import { MAX_WAITING } from './follow-ups.ts'
import { createIntensity } from './intensity.ts'
import { ledgerJson } from './ledger.ts'
import { createLocalCalendar } from './local-calendar.ts'
import { createSimulation, type SimulatedRecord } from './simulation.ts'
import { type SimulationOptions, settle } from './simulation-options.ts'
import { hashRecords } from './testing/hash-records.ts'
import { smallShop } from './testing/small-shop.ts'

const CHILD = fileURLToPath(new URL('./testing/print-hash.ts', import.meta.url))
const DAY_MS = 86_400_000

function recordsUntil(untilMs: number, more: Partial<SimulationOptions> = {}): SimulatedRecord[] {
  const simulation = createSimulation(smallShop(more))
  const records: SimulatedRecord[] = []
  for (let one = simulation.next(untilMs); one !== undefined; one = simulation.next(untilMs))
    records.push(one)
  return records
}

/** First sightings of orders. */
function placed(records: readonly SimulatedRecord[]): OrderEventInput[] {
  const seen = new Set<string>()
  return records.flatMap(({ event }) => {
    if (event.type !== 'order' || seen.has(event.orderId)) return []
    seen.add(event.orderId)
    return [event]
  })
}

const inYear = (days: number) => smallShop().beginMs + days * DAY_MS

describe('a simulated shop', () => {
  it('tells the same in another process, and something else by another seed', async () => {
    const args = ['--import', 'tsx', CHILD, '7', '50000']
    const elsewhere = promisify(execFile)(process.execPath, args)
    const hashes = [hashRecords(7, 50_000), (await elsewhere).stdout.trim(), hashRecords(8, 50_000)]
    console.log(`50,000 records of seeds 7, 7, 8: ${hashes.map((hash) => hash.slice(0, 16)).join(', ')}`)
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  })

  it('tells events of the contract, in order of arrival, and names nobody but in customers', () => {
    const records = recordsUntil(inYear(60))
    let lastMs = 0
    for (const { topic, event, dueMs } of records) {
      expect(dueMs).toBeGreaterThanOrEqual(lastMs)
      lastMs = dueMs
      if (topic === 'customers') customerEvent.parse(event)
      else if (topic === 'products') productEvent.parse(event)
      else {
        parseOrdersTopicEvent(event)
        expect(Date.parse(event.changedAt)).toBeLessThanOrEqual(dueMs)
        expect(JSON.stringify(event)).not.toMatch(/example\.org|\+44|"email"/)
      }
    }
    const customers = records.filter(({ topic }) => topic === 'customers')
    expect(customers.length).toBeGreaterThan(100)
    expect(records.filter(({ topic }) => topic === 'orders').length).toBeGreaterThan(1_000)
  })

  it('is as busy at an hour on the clock before a clock change as after it', () => {
    const settings = settle(smallShop({ growth: 0 }))
    const { slotAt } = createIntensity(settings, createLocalCalendar(settings.timeZone))
    // New York changed its clock on 10 March 2024; a week lies between each two.
    const shares = Array.from({ length: 24 }, (_, hour) => {
      const before = slotAt(Date.UTC(2024, 2, 6, hour + 5))
      const after = slotAt(Date.UTC(2024, 2, 13, hour + 4))
      return { rate: before.perMs, ratio: after.perMs / before.perMs, days: after.localDay - before.localDay }
    })
    for (const { ratio, days } of shares) {
      expect(Math.abs(ratio - 1)).toBeLessThan(0.05)
      expect(days).toBe(7)
    }
    const rates = shares.map(({ rate }) => rate)
    expect(Math.max(...rates) / Math.min(...rates)).toBeGreaterThan(5)
    expect(shares[20]!.rate).toBe(Math.max(...rates))
  })

  it('has a Black Friday, and hours in which it is down', () => {
    const settings = settle(smallShop({ growth: 0 }))
    const { slotAt } = createIntensity(settings, createLocalCalendar(settings.timeZone))
    const noon = (month: number, day: number) => slotAt(Date.UTC(2024, month, day, 17))
    // 29 November 2024, beside the Friday before it.
    expect(noon(10, 29).perMs / noon(10, 22).perMs).toBeGreaterThan(3)
    expect(noon(10, 29).discountBp).toBeGreaterThanOrEqual(2_000)
    const quarters = Array.from({ length: 366 * 96 }, (_, n) => slotAt(settings.beginMs + n * 900_000).perMs)
    const down = quarters.filter((rate) => rate === 0).length
    expect(down).toBeGreaterThanOrEqual(4)
    expect(down).toBeLessThan(100)
    const perYear = quarters.reduce((sum, rate) => sum + rate * 900_000, 0)
    expect(perYear / settings.ordersPerYear).toBeGreaterThan(0.97)
    expect(perYear / settings.ordersPerYear).toBeLessThan(1.25)
  })

  it('grows from year to year, in orders, customers and products', () => {
    const records = recordsUntil(inYear(366 + 365), {
      growth: 0.5,
      ordersPerYear: 4_000,
      customersPerYear: 700,
    })
    const ratio = (topic: string) => {
      const mine = records.filter((record) => record.topic === topic && record.dueMs > inYear(1))
      const later = mine.filter(({ dueMs }) => dueMs >= inYear(366)).length
      return later / (mine.length - later)
    }
    const ratios = ['orders', 'customers', 'products'].map(ratio)
    console.log(`the second year of 50 % growth: ${ratios.map((one) => one.toFixed(2)).join(', ')}`)
    for (const one of ratios.slice(0, 2)) expect(Math.abs(one - 1.5)).toBeLessThan(0.25)
    expect(ratios[2]).toBeGreaterThan(1.1)
  })

  it('sells a product only between its introduction and its end', () => {
    const records = recordsUntil(inYear(500), { growth: 0, customersPerYear: 500 })
    const life = new Map<string, { fromMs: number; untilMs: number }>()
    for (const { event } of records) {
      if (event.type !== 'product') continue
      const at = Date.parse(event.changedAt)
      const known = life.get(event.sku) ?? { fromMs: at, untilMs: Number.POSITIVE_INFINITY }
      life.set(event.sku, { ...known, untilMs: event.stock === '0' ? at : known.untilMs })
    }
    const ended = [...life.values()].filter(({ untilMs }) => Number.isFinite(untilMs))
    expect(ended.length).toBeGreaterThan(20)
    for (const { placedAt, changedAt, lines = [] } of placed(records))
      for (const { sku } of lines) {
        expect(Date.parse(changedAt)).toBeGreaterThanOrEqual(life.get(sku)!.fromMs)
        expect(Date.parse(placedAt)).toBeLessThan(life.get(sku)!.untilMs)
      }
  })

  it('keeps what it needs and no more, however busy it is', () => {
    const simulation = createSimulation(smallShop())
    const { beginMs } = smallShop()
    simulation.changePace({ atMs: beginMs + 1, perSecond: 20_000, steady: true })
    for (let records = 0; records < 60_000; records++) simulation.next(Number.POSITIVE_INFINITY)
    const rate = (simulation.orders / (simulation.lastMs - beginMs)) * 1_000
    expect(Math.abs(rate / 20_000 - 1)).toBeLessThan(0.05)
    expect(simulation.waiting).toBeLessThan(MAX_WAITING)
    expect(simulation.waiting).toBeGreaterThan(1_000)
  })

  it('writes its ledger as JSON, equal on both axes in sum', () => {
    const simulation = createSimulation(smallShop())
    while (simulation.orders < 3_000) simulation.next(Number.POSITIVE_INFINITY)
    const { totals, rows, tenant } = JSON.parse(ledgerJson(simulation.ledger, { tenant: 'demo' }))
    expect(tenant).toBe('demo')
    expect(totals.booked).toEqual(totals.sale)
    expect(totals.booked.revenue).toMatch(/^\d+\.\d+$/)
    expect(totals.booked.refunds).toMatch(/^-\d+\.\d+$/)
    expect(new Set(rows.map((row: { axis: string }) => row.axis))).toEqual(new Set(['booked', 'sale']))
  })

  it.each([
    [{ seed: -1 }, 'seed must be a whole number'],
    [{ guestShare: 2 }, 'guestShare must be a number from 0 to 0.95'],
    [{ customersPerYear: Number.NaN }, 'customersPerYear must be'],
  ])('refuses %j', (more, told) => {
    expect(() => createSimulation(smallShop(more))).toThrow(told)
  })
})
