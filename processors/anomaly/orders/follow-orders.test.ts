import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  readAnomalies,
  readAnomalyModel,
  readScoringDays,
} from '../../../clickhouse/queries/read-anomalies.ts'
import { readNewMarks } from '../../../clickhouse/queries/read-buyers.ts'
import { readOddPrices } from '../../../clickhouse/queries/read-new-orders.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { hiddenLog } from '../../../commands/hidden-log.ts'
import { encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../../../core/contracts/order.ts'
import { alertResult, anomalyResult } from '../../../core/contracts/results.ts'
import { type EventLog, partitionOf } from '../../../core/log/event-log.ts'
import type { AnomalyConfig } from '../../../core/runtime/anomaly-settings.ts'
import { type Clock, systemClock } from '../../../core/runtime/clock.ts'
import { readConfig } from '../../../core/runtime/env.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { waitUntil } from '../../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../../test/with-engine.ts'
import { seededRandom } from '../forest/seeded-random.ts'
import { followOrders } from './follow-orders.ts'

const DATABASE = 'revwall_orders_judged'
const TENANT = { id: 'acme', name: 'Acme', timeZone: 'America/Sao_Paulo', currency: 'BRL' }
const SCOPE = { database: DATABASE, tenant: 'acme' }
/** As a server is told. */
const settings = (env: Record<string, string>) => readConfig(env).anomaly
const CONFIG = settings({})
/** The tenant's now: a replay stands at 03:20 of the 10th of June, local time. */
const NOW = '2024-06-10T06:20:00Z'
const CUSTOMERS = 40

let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({
    ...{ warehouse: test.warehouse, database: DATABASE, tenants: [TENANT], maxRecords: 2_000 },
  })
})
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

type Told = Partial<OrderEventInput> & { orderId: string }

async function tell(orders: readonly Told[]): Promise<void> {
  const records = orders.map((order) => {
    const event = {
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', version: 1, status: 'completed' },
      ...{ changedAt: order.placedAt, currency: 'BRL', country: 'BR', lines: [] },
      ...order,
    } as OrderEventInput
    const key = orderKey(event)
    return { partition: partitionOf(key, 2), key, ...encodeOrdersEvent(event) }
  })
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

async function tellNow(): Promise<void> {
  const event = {
    ...{ type: 'source.progress', schemaVersion: 1, tenant: 'acme', source: 'shop', mode: 'replay' },
    ...{ upTo: NOW, polledAt: new Date().toISOString() },
  }
  const value = Buffer.from(JSON.stringify(event))
  const records = [0, 1].map((partition) => ({
    ...{ partition, key: 'acme/shop', value, contentType: 'application/json' as const },
  }))
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

const random = seededRandom(5)

/** By day, of about 50 each, by customers who come again; `from` is local midnight. */
function usual(name: string, count: number, from: string, days: number): Told[] {
  const minute = () => 9 * 60 + random.below(12 * 60)
  return Array.from({ length: count }, (_, n) => {
    const at = Date.parse(from) + random.below(days) * 86_400_000 + minute() * 60_000
    return {
      ...{ orderId: `${name}-${n}`, customerId: `person-${n % CUSTOMERS}` },
      placedAt: new Date(at).toISOString(),
      total: (50 * 2 ** (random.next() - 0.5)).toFixed(2),
    }
  })
}

/** Three orders of one customer in four minutes of the night, the last one of nine times what it usually spends. */
function odd(name: string, customerId: string): Told[] {
  return [
    { orderId: `${name}-1`, placedAt: '2024-06-10T06:08:30Z', total: '50.00', customerId },
    { orderId: `${name}-2`, placedAt: '2024-06-10T06:10:00Z', total: '50.00', customerId },
    { orderId: `${name}-3`, placedAt: '2024-06-10T06:12:00Z', total: '450.00', customerId },
  ]
}

function follow(
  more: {
    warehouse?: Warehouse
    log?: EventLog
    config?: AnomalyConfig
    maxOrders?: number
    clock?: Clock
  } = {},
) {
  const stopping = new AbortController()
  const done = followOrders({
    ...{ warehouse: test.warehouse, database: DATABASE, run: 'r1', log: pipeline.log },
    ...{ tenants: new Map([[TENANT.id, TENANT]]), config: CONFIG, wall: 'https://wall.example.com' },
    ...{ clock: systemClock, logger: silentLogger, registry: new Registry(), signal: stopping.signal },
    ...more,
  })
  return async () => {
    stopping.abort()
    await done
  }
}

const today = async () => (await readScoringDays(test.warehouse, SCOPE))[0]
const judged = async () => {
  const day = await today()
  return day === undefined ? 0 : day.scored + day.learned + day.skipped
}
const anomalies = async () =>
  (await readAnomalies(test.warehouse, { ...SCOPE, minScore: 0, limit: 500 })).rows

async function eventsOf(topic: 'anomalies' | 'alerts'): Promise<{ key: string | null; value: unknown }[]> {
  const all: { key: string | null; value: unknown }[] = []
  for (let partition = 0; partition < pipeline.log.partitions(topic); partition++) {
    const limits = { maxRecords: 10_000, maxBytes: 2 ** 24 }
    for (const { value, key } of await pipeline.log.read(topic, partition, 0, limits))
      all.push({ key, value: JSON.parse(Buffer.from(value).toString()) })
  }
  return all
}
const told = async () => (await eventsOf('anomalies')).map(({ value }) => anomalyResult.parse(value))
const idOf = async (orderId: string) => (await anomalies()).find((row) => row.orderId === orderId)?.eventId

it('learns from history without a word, then tells the order that stands out, why, and hardly another one', async () => {
  await tellNow()
  const stop = follow()
  await tell(usual('old', 600, '2024-05-08T03:00:00Z', 30))
  await waitUntil('a model', 60_000, async () => ((await today())?.seen ?? 0) >= 600)
  await waitUntil(
    'its row',
    60_000,
    async () => (await readAnomalyModel(test.warehouse, SCOPE)) !== undefined,
  )
  expect(await today()).toMatchObject({ day: '2024-06-10', scored: 0, told: 0, learned: 600, needed: 500 })
  // Without another order.
  await waitUntil('the news of it', 60_000, async () => (await today())?.modelVersion === 1)
  expect(await anomalies()).toEqual([])

  await tell(usual('new', 150, '2024-06-09T03:00:00Z', 1))
  // Two partitions may be a look apart, and the third order is to be the third.
  const [one, two, three] = odd('odd', 'person-7')
  await tell([one!, two!])
  await waitUntil('the first two', 60_000, async () => (await judged()) === 752)
  await tell([three!])
  await waitUntil('all of them', 60_000, async () => (await judged()) === 753)
  await stop()
  const rows = await anomalies()
  const found = rows.find(({ orderId }) => orderId === 'odd-3')!
  expect(found).toMatchObject({ severity: 'critical', observed: '450', currency: 'BRL', modelVersion: 1 })
  for (const part of [
    /^(8\.\d|9|9\.\d|10)× this customer's usual amount$/,
    /^at 03:12$/,
    /^third order in 4 minutes$/,
  ])
    expect(found.reasons).toContainEqual(expect.stringMatching(part))
  expect(found.reasonsPt).toContain('às 03:12')
  expect(Number(found.expected)).toBeGreaterThan(40)
  // Orders by night are odd as well; of the usual ones at the most one in fifty is told.
  expect(rows.filter(({ orderId }) => !orderId.startsWith('odd')).length).toBeLessThanOrEqual(3)
  expect(await today()).toMatchObject({ scored: 153, told: rows.length, withheld: 0, skipped: 0 })

  const events = await told()
  expect(events.map(({ id }) => id).sort()).toEqual(rows.map(({ eventId }) => eventId).sort())
  const event = events.find(({ id }) => id === found.eventId)!
  expect(event.data).toMatchObject({
    ...{ tenant: 'acme', subject: 'order', subjectId: 'odd-3', severity: 'critical', observed: '450.00' },
    ...{ dedupKey: `order/${found.eventId}`, score: found.score, threshold: found.threshold },
    explanation: { en: found.reasons.join(', ') },
    freshness: { behindMs: 8 * 60_000 },
    link: `https://wall.example.com/?tenant=acme&anomaly=${found.eventId}`,
  })
  const alerts = (await eventsOf('alerts')).map(({ value }) => alertResult.parse(value))
  expect(alerts.map(({ id }) => id)).toContain(found.eventId)
  expect(alerts.every(({ data }) => data.severity === 'critical')).toBe(true)
})

it('tells nothing twice after a restart, and goes on with the model that it had', async () => {
  const before = (await told()).length
  const counted = await today()
  const stop = follow()
  await tell([
    ...usual('later', 20, '2024-06-09T03:00:00Z', 1),
    { ...odd('odd', 'person-7')[2]!, version: 2, total: '900.00' },
  ])
  await waitUntil('all of them', 60_000, async () => (await judged()) === 773)
  await stop()
  const events = await told()
  expect(events.length).toBeLessThanOrEqual(before + 1)
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  expect(await today()).toMatchObject({ scored: counted!.scored + 20, modelVersion: 1 })
})

it('looks at each order once, by the change by which it counts first', async () => {
  const seen = await judged()
  const order = { placedAt: '2024-06-09T15:00:00Z', customerId: 'person-3', total: '50.00' }
  const step = (orderId: string, version: number, status: OrderEventInput['status'], total = '50.00') => ({
    ...{ ...order, orderId, version, status, total },
  })
  const stop = follow()
  await tell([
    ...[step('slow', 1, 'pending'), step('quick', 1, 'pending'), step('quick', 2, 'completed')],
    ...[step('quick', 3, 'completed', '51.00'), step('never', 1, 'failed')],
    { ...step('euro', 1, 'completed'), currency: 'EUR' },
    { ...step('credit', 1, 'completed', '-5.00'), kind: 'credit' },
  ])
  await waitUntil('the quick one', 60_000, async () => (await judged()) === seen + 1)
  await tell([step('slow', 2, 'completed')])
  await waitUntil('the slow one', 60_000, async () => (await judged()) === seen + 2)
  for (const [version, status] of [
    [3, 'cancelled'],
    [4, 'completed'],
  ] as const)
    await tell([step('slow', version, status), step('quick', version + 1, status)])
  await tell([step('last', 1, 'completed')])
  await waitUntil('the last one', 60_000, async () => (await judged()) === seen + 3)
  await stop()
})

it('loses no order in a crash: cut off before its rows it is told again by the same id, behind them not at all', async () => {
  const failing = (table: string): Warehouse => {
    let isWhole = true
    return {
      ...test.warehouse,
      insert: async (sql, body, options) => {
        if (isWhole && sql.includes(`.${table} `) && Buffer.from(body).includes('"odd-')) {
          isWhole = false
          throw new Error('cut off')
        }
        // The marks that follow an order's rows.
        if (isWhole && table === 'order_scorings' && sql.includes(table) && rowsWere) {
          isWhole = false
          throw new Error('cut off')
        }
        await test.warehouse.insert(sql, body, options)
        if (sql.includes('.order_anomalies ')) rowsWere = true
      },
    }
  }
  let rowsWere = false
  for (const [table, name, times] of [
    ['order_anomalies', 'odd-a', 2],
    ['order_scorings', 'odd-b', 1],
  ] as const) {
    rowsWere = false
    const seen = await judged()
    const stop = follow({ warehouse: failing(table) })
    await tell([odd(name, `person-${times}`)[2]!])
    await waitUntil('the order', 60_000, async () => (await judged()) === seen + 1)
    await stop()
    const id = await idOf(`${name}-3`)
    expect((await told()).filter((event) => event.id === id)).toHaveLength(times)
  }
})

it('counts what is too much for a look as skipped, and is never behind', async () => {
  const before = await today()
  const stop = follow({ maxOrders: 50 })
  await tell(usual('many', 400, '2024-06-09T03:00:00Z', 1))
  await waitUntil(
    'all of them',
    60_000,
    async () => (await judged()) >= 400 + before!.scored + before!.learned,
  )
  await stop()
  const { scored, skipped } = (await today())!
  expect(skipped).toBeGreaterThan(200)
  expect(scored - before!.scored + skipped).toBe(400)
})

it('withholds what is over the budget, and tells nobody of a run that is not shown', async () => {
  const before = { events: (await told()).length, day: (await today())!, rows: (await anomalies()).length }
  const stop = follow({
    log: hiddenLog(pipeline.log, () => false),
    config: settings({ REVWALL_ANOMALY_DAILY_BUDGET: String(before.day.told + 1) }),
  })
  await tell(['c', 'd', 'e'].map((name, n) => odd(`odd-${name}`, `person-${20 + n}`)[2]!))
  await waitUntil('all of them', 60_000, async () => (await today())!.scored === before.day.scored + 3)
  await stop()
  expect(await today()).toMatchObject({ told: before.day.told + 1, withheld: before.day.withheld + 2 })
  expect((await anomalies()).length).toBe(before.rows + 1)
  expect((await told()).length).toBe(before.events)
})

it('tells nothing with a budget of none, and counts what stood out', async () => {
  const before = { day: (await today())!, rows: (await anomalies()).length }
  const stop = follow({ config: settings({ REVWALL_ANOMALY_DAILY_BUDGET: '0' }) })
  await tell([odd('odd-none', 'person-27')[2]!])
  await waitUntil('the order', 60_000, async () => (await today())!.scored === before.day.scored + 1)
  await stop()
  expect(await today()).toMatchObject({ budget: 0, withheld: before.day.withheld + 1 })
  expect((await anomalies()).length).toBe(before.rows)
})

it('finds the same with the other engine, which is fitted anew from its sample', async () => {
  const before = await today()
  const config = settings({
    REVWALL_ANOMALY_ENGINE: 'isolation-forest',
    // It draws from Math.random: what it finds is not the same each time, but 0.5 is usual and this one is near 0.7.
    REVWALL_ANOMALY_SHARE: '0.5',
    REVWALL_ANOMALY_DAILY_BUDGET: '1000',
  })
  const isFitted = async () => (await readAnomalyModel(test.warehouse, SCOPE))?.engine === config.engine
  const fitting = follow({ config })
  await waitUntil('a model', 60_000, isFitted)
  await fitting()
  const stop = follow({ config })
  // The night's orders are a group by now, which this engine takes for ordinary sooner than ours.
  const lines = [{ sku: 'A', name: 'A', quantity: '400', unitPrice: '100.00' }]
  await tell([{ ...odd('odd-z', 'person-30')[2]!, total: '40000.00', lines }])
  await waitUntil('the order', 60_000, async () => (await today())!.scored === before!.scored + 1)
  await stop()
  const rows = await anomalies()
  // What weighed most is another thing each time.
  const found = rows.find(({ orderId }) => orderId === 'odd-z-3')
  expect(found?.reasons.join()).toMatch(/usual amount|units|at 03:12/)
  expect(found?.modelVersion).toBeGreaterThan(1)
})

it('stores and tells no customer: there is nothing to erase', async () => {
  const tables = ['order_anomalies', 'order_scorings', 'anomaly_models']
  for (const table of tables) {
    const rows = await test.warehouse.query(`SELECT * FROM ${DATABASE}.${table}`)
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('person-')
  }
  for (const topic of ['anomalies', 'alerts'] as const)
    expect(JSON.stringify(await eventsOf(topic))).not.toContain('person-')
})

it('finds the line whose price is farthest from its catalogue’s', async () => {
  const scope = { database: DATABASE, topic: 'orders', currencies: new Map([['acme', 'BRL']]) }
  const before = (await readNewMarks(test.warehouse, scope, new Map(), 2))!
  await test.warehouse.command(
    `INSERT INTO ${DATABASE}.catalogue (tenant, source, sku, version, price)
     VALUES ('acme', 'erp', 'A', 1, 100), ('acme', 'erp', 'B', 1, 10), ('other', 'erp', 'C', 1, 1)`,
  )
  const line = (sku: string, unitPrice: string) => ({ sku, name: sku, quantity: '1', unitPrice })
  const lines = [line('A', '90.00'), line('B', '2.50'), line('C', '99.00'), line('D', '5.00')]
  await tell([{ orderId: 'priced', placedAt: '2024-06-09T15:00:00Z', lines }])
  const found = (await readNewMarks(test.warehouse, scope, before.marks, 2))!
  const prices = await readOddPrices(test.warehouse, scope, before.marks, found, new Map([['acme', 1]]))
  expect([...prices]).toEqual([['acme/shop/priced', { paidE4: 25_000, catalogueE4: 100_000 }]])
})

it('rests for its work alone, not for the time in which it waits for orders to settle', async () => {
  const before = await judged()
  const slept: number[] = []
  let nowMs = Date.now()
  // Nothing takes any time but sleeping.
  const clock: Clock = {
    now: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms)
      nowMs += ms
      await new Promise((later) => setTimeout(later, 5))
    },
  }
  await tell(usual('rested', 20, '2024-06-09T03:00:00Z', 1))
  const stop = follow({ clock })
  await waitUntil('the orders', 60_000, async () => (await judged()) >= before + 20)
  const settled = slept.indexOf(300)
  await waitUntil('the rest behind it', 60_000, async () => slept.length > settled + 1)
  await stop()
  expect([settled >= 0, slept[settled + 1]]).toEqual([true, 1_000])
})
