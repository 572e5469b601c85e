/** A shop of two sources with weeks behind it, on a clock of its own: what is told of it, and what is not. */
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { insertRows } from '../../../clickhouse/insert-rows.ts'
import { readIncidents, readMetricWatches } from '../../../clickhouse/queries/read-incidents.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { hiddenLog } from '../../../commands/hidden-log.ts'
import type { AlertCommand } from '../../../core/contracts/commands.ts'
import { encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../../../core/contracts/order.ts'
import { alertResult, anomalyResult } from '../../../core/contracts/results.ts'
import { type EventLog, partitionOf } from '../../../core/log/event-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { waitUntil } from '../../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../../test/with-engine.ts'
import { OWN_HOLIDAYS } from '../../holiday-book.ts'
import { seededRandom } from '../forest/seeded-random.ts'
import { followMetrics } from './follow-metrics.ts'
import { poisson } from './testing/poisson.ts'

const DATABASE = 'revwall_metrics_watched'
const TENANT = { id: 'acme', name: 'Acme', timeZone: 'America/Sao_Paulo', currency: 'BRL' }
const OTHER = { id: 'zebra', name: 'Zebra', timeZone: 'Europe/London', currency: 'GBP' }
const SCOPE = { database: DATABASE, tenant: 'acme' }
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
/** Orders in a quarter hour, from ten to six local time. */
const USUAL = { shop: 40, market: 8 }
/** As many as say how much counts vary: the last two, each with two before it. */
const HISTORY_DAYS = 29
type Selling = Partial<Record<keyof typeof USUAL, number>>
/** Noon of a Tuesday in São Paulo. */
const NOON = Date.parse('2024-06-11T15:00:00Z')

const random = seededRandom(11)
let test: TestEngine
let pipeline: Pipeline
let nowMs = NOON
let orders = 0

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({
    ...{ warehouse: test.warehouse, database: DATABASE, tenants: [TENANT, OTHER], maxRecords: 4_000 },
  })
  await sell(NOON - HISTORY_DAYS * DAY_MS, NOON, USUAL)
  await hear(['shop', 'market'])
})
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

async function sell(fromMs: number, toMs: number, selling: Selling): Promise<void> {
  const records = []
  for (let at = fromMs; at < toMs; at += QUARTER_MS) {
    const hour = new Date(at - 3 * 3_600_000).getUTCHours()
    if (hour < 10 || hour >= 18) continue
    for (const [source, mean] of Object.entries(selling))
      for (let n = poisson(mean, random); n > 0; n--) {
        const placedAt = new Date(at + random.below(QUARTER_MS)).toISOString()
        const event: OrderEventInput = {
          ...{
            type: 'order',
            schemaVersion: 1,
            tenant: 'acme',
            source,
            orderId: `o-${orders++}`,
            version: 1,
          },
          ...{
            status: 'completed',
            changedAt: placedAt,
            placedAt,
            currency: 'BRL',
            country: 'BR',
            lines: [],
          },
          ...{ region: source === 'shop' ? 'SP' : 'RJ', total: (40 + 20 * random.next()).toFixed(2) },
        }
        const key = orderKey(event)
        records.push({ partition: partitionOf(key, 2), key, ...encodeOrdersEvent(event) })
      }
  }
  await pipeline.log.append('orders', records)
}

/** These sources answer, and have told all up to then. */
async function hear(sources: readonly string[], atMs = nowMs): Promise<void> {
  const at = new Date(atMs).toISOString()
  for (const source of sources) {
    const head = { type: 'source.progress', schemaVersion: 1, tenant: 'acme', source, mode: 'live' }
    const value = Buffer.from(JSON.stringify({ ...head, upTo: at, polledAt: at }))
    const record = { key: `acme/${source}`, value, contentType: 'application/json' as const }
    await pipeline.log.append(
      'orders',
      [0, 1].map((partition) => ({ partition, ...record })),
    )
  }
  expect(await pipeline.settle()).toEqual([])
}

/** The next quarters, each with what sells in it, and who answers at its end. */
async function pass(quarters: number, selling: Selling, sources: readonly string[] = ['shop', 'market']) {
  for (let n = 0; n < quarters; n++) {
    await nextQuarter(selling, sources)
    await looked()
  }
}

/** Told before it is over, so that nobody sees the end of it without what was told. */
async function nextQuarter(selling: Selling, sources: readonly string[] = ['shop', 'market']): Promise<void> {
  await sell(nowMs, nowMs + QUARTER_MS, selling)
  await hear(sources, nowMs + QUARTER_MS)
  nowMs += QUARTER_MS
}

let looks = 0
/** A whole look that began after this. */
async function looked(): Promise<void> {
  const before = looks
  await waitUntil('two looks', 60_000, async () => looks >= before + 2)
}

function follow(more: { warehouse?: Warehouse; log?: EventLog } = {}) {
  const stopping = new AbortController()
  const done = followMetrics({
    ...{ warehouse: test.warehouse, database: DATABASE, run: 'r1', log: pipeline.log },
    tenants: new Map([TENANT, OTHER].map((tenant) => [tenant.id, tenant])),
    ...{
      holidays: OWN_HOLIDAYS,
      wall: 'https://wall.example.com',
      logger: silentLogger,
      registry: new Registry(),
    },
    ...{ clock: { ...systemClock, now: () => nowMs }, signal: stopping.signal },
    limits: { lookIntervalMs: 20, marksIntervalMs: 0, silentForMs: 300_000 },
    onLook: () => {
      looks += 1
    },
    ...more,
  })
  return async () => {
    stopping.abort()
    await done
  }
}

async function eventsOf(topic: 'anomalies' | 'alerts'): Promise<unknown[]> {
  const all: unknown[] = []
  for (let partition = 0; partition < pipeline.log.partitions(topic); partition++)
    for (const { value } of await pipeline.log.read(topic, partition, 0, {
      maxRecords: 10_000,
      maxBytes: 2 ** 24,
    }))
      all.push(JSON.parse(Buffer.from(value).toString()))
  return all
}
const alerts = async () => (await eventsOf('alerts')).map((value) => alertResult.parse(value))
const anomalies = async () => (await eventsOf('anomalies')).map((value) => anomalyResult.parse(value))
const changes = async () => (await alerts()).map(({ data }) => `${data.subject} ${data.change}`)
const incidents = async (more: object = {}) =>
  (await readIncidents(test.warehouse, { ...SCOPE, limit: 100, ...more })).rows

async function ask(command: Partial<AlertCommand> & { alertId: string }): Promise<void> {
  const event = {
    schemaVersion: 1,
    commandId: 'c',
    tenant: 'acme',
    at: new Date(nowMs).toISOString(),
    by: 'ana',
    ...command,
  }
  const value = Buffer.from(JSON.stringify(event))
  await pipeline.log.append('commands', [
    { partition: 0, key: 'acme', value, contentType: 'application/json' },
  ])
  await looked()
}

it('learns from what is there without a word, and tells one incident when a source drops, with who contributes', async () => {
  const stop = follow()
  await looked()
  await pass(4, USUAL)
  const [watch] = await readMetricWatches(test.warehouse, SCOPE)
  expect(watch).toMatchObject({ upToMs: nowMs, widthMinutes: 15, series: 20 })
  expect(watch!.days).toBeGreaterThan(HISTORY_DAYS - 1)
  expect(await eventsOf('alerts')).toEqual([])

  await pass(3, { market: USUAL.market })
  const [told, ...others] = await alerts()
  expect(others).toEqual([])
  expect(told!.data).toMatchObject({
    ...{ tenant: 'acme', state: 'open', change: 'opened', kind: 'metric', direction: 'fall', cause: 'level' },
    part: { dimension: 'total', member: '' },
    ...{ currency: 'BRL', model: 'metrics-1-15min', freshness: { behindMs: 0 } },
    window: { from: new Date(nowMs - QUARTER_MS).toISOString(), to: new Date(nowMs).toISOString() },
    link: `https://wall.example.com/?tenant=acme&incident=${told!.data.alertId}`,
  })
  expect(
    told!.data
      .contributors!.map(({ member }) => member)
      .slice(0, 2)
      .sort(),
  ).toEqual(['SP', 'shop'])
  expect(told!.data.contributors![0]!.share).toBeGreaterThan(0.8)
  expect(Number(told!.data.expected)).toBeGreaterThan(2 * Number(told!.data.observed))
  expect(Number(told!.data.interval!.low)).toBeGreaterThan(Number(told!.data.observed))
  expect(told!.data.title).toMatch(/^(Revenue|Orders) below usual: /)
  expect(told!.data.detail).toMatch(/^13:30 to 13:45; (shop|SP) −\d/)
  const series = await anomalies()
  expect(series.map(({ data }) => data.subjectId)).toContain('orders/source/shop')
  expect(new Set(series.map(({ data }) => data.dedupKey))).toEqual(new Set([told!.data.dedupKey]))
  expect(series.every(({ data }) => data.score >= data.threshold)).toBe(true)
  expect(await incidents()).toMatchObject([
    {
      ...{ alertId: told!.data.alertId, state: 'open', dedupKey: told!.data.dedupKey, resolvedAt: null },
      part: told!.data.part,
    },
  ])
  await stop()
})

it('tells nothing twice after a restart in the middle, and counts what came meanwhile', async () => {
  const before = await changes()
  await nextQuarter({ market: USUAL.market })
  const stop = follow()
  await looked()
  await pass(1, { market: USUAL.market })
  const after = await alerts()
  expect(new Set(after.map(({ data }) => data.dedupKey)).size).toBe(1)
  expect(after.filter(({ data }) => data.change === 'opened')).toHaveLength(1)
  expect(after.length - before.length).toBeLessThanOrEqual(1)
  expect(new Set(after.map(({ id }) => id)).size).toBe(after.length)
  const [one] = await incidents()
  expect(one).toMatchObject({ state: 'open', windowTo: new Date(nowMs).toISOString() })
  await stop()
})

it('is acknowledged and silenced once, however often it is asked, and says who', async () => {
  const [{ alertId } = { alertId: '' }] = await incidents()
  const stop = follow()
  const until = new Date(nowMs + 8 * 3_600_000).toISOString()
  await ask({ type: 'alert.acknowledge', alertId })
  await ask({ type: 'alert.acknowledge', alertId })
  await ask({ type: 'alert.silence', alertId, owner: 'bia', until })
  await ask({ type: 'alert.silence', alertId, owner: 'bia', until })
  await ask({ type: 'alert.acknowledge', alertId: 'never-was' })
  await ask({ type: 'alert.acknowledge', alertId, tenant: 'zebra' })
  const told = await alerts()
  expect(told.filter(({ data }) => data.change === 'acknowledged')).toHaveLength(1)
  expect(told.filter(({ data }) => data.change === 'silenced').map(({ data }) => data)).toMatchObject([
    { state: 'acknowledged', acknowledgedBy: 'ana', silence: { owner: 'bia', until } },
  ])
  expect(await incidents()).toMatchObject([{ state: 'acknowledged', silence: { owner: 'bia', until } }])
  await stop()
  // Whoever takes over asks nothing again.
  const again = follow()
  await looked()
  await again()
  expect(await alerts()).toHaveLength(told.length)
})

it('says when it is over, though it is silenced', async () => {
  const stop = follow()
  const [former] = await incidents()
  await pass(8, USUAL)
  expect((await alerts()).at(-1)!.data).toMatchObject({ change: 'resolved', state: 'resolved' })
  expect(await incidents({ state: 'active' })).toEqual([])
  expect(await incidents({ state: 'resolved' })).toMatchObject([{ alertId: former!.alertId, silence: null }])
  await stop()
})

it('never says that a shop fell whose source does not answer: that is data.stale, and over when it answers', async () => {
  const before = (await alerts()).length
  const stop = follow()
  await looked()
  await pass(4, { market: USUAL.market }, ['market'])
  const told = (await alerts()).slice(before)
  expect(told.map(({ data }) => `${data.kind} ${data.subject} ${data.change}`)).toEqual([
    'data.stale shop opened',
  ])
  expect(told[0]!.data).toMatchObject({
    severity: 'warning',
    state: 'open',
    title: 'Source shop does not answer',
  })
  expect(told[0]!.data.observed).toBeUndefined()

  // What it kept comes with it.
  await sell(nowMs - 4 * QUARTER_MS, nowMs, { shop: USUAL.shop })
  await pass(3, USUAL)
  const after = (await alerts()).slice(before)
  expect(after.map(({ data }) => `${data.subject} ${data.change}`)).toEqual(['shop opened', 'shop resolved'])
  await stop()
})

it('is told of an unusual order that somebody took up, by the key that it was told with', async () => {
  const order = {
    ...{ tenant: 'acme', source: 'shop', order_id: 'o-1', revision: 1, event_id: 'e1', severity: 'critical' },
    ...{
      detected_at: new Date(nowMs).toISOString(),
      placed_at: new Date(nowMs).toISOString(),
      day: '2024-06-11',
    },
    ...{ score: 0.8, threshold: 0.6, observed: '450', expected: '50', currency: 'BRL', model_version: 3 },
  }
  await insertRows(test.warehouse, `${DATABASE}.order_anomalies`, [order], 'an-order')
  const stop = follow()
  await ask({ type: 'alert.acknowledge', alertId: 'e1' })
  const last = (await alerts()).filter(({ data }) => data.kind === 'order')
  expect(last.map(({ data }) => data)).toMatchObject([
    { alertId: 'e1', dedupKey: 'order/e1', state: 'acknowledged', acknowledgedBy: 'ana', subject: 'o-1' },
  ])
  expect(await incidents({ kind: 'order' })).toMatchObject([{ alertId: 'e1', acknowledgedBy: 'ana' }])
  await ask({
    type: 'alert.silence',
    alertId: 'e1',
    owner: 'ana',
    until: new Date(nowMs + 60_000).toISOString(),
  })
  nowMs += 61_000
  await looked()
  expect((await alerts()).filter(({ data }) => data.kind === 'order').map(({ data }) => data.change)).toEqual(
    ['acknowledged', 'silenced', 'resumed'],
  )
  await stop()
})

it('tells an incident again by the same id when it is cut off before its row', async () => {
  const fromMs = Math.floor(nowMs / QUARTER_MS) * QUARTER_MS
  nowMs = NOON + DAY_MS
  await sell(fromMs, nowMs, USUAL)
  await hear(['shop', 'market'])
  let cut = 0
  const failing: Warehouse = {
    ...test.warehouse,
    insert: async (sql, body, options) => {
      if (cut === 0 && sql.includes('.incident_changes ')) {
        cut += 1
        throw new Error('cut off')
      }
      await test.warehouse.insert(sql, body, options)
    },
  }
  const before = (await alerts()).length
  const stop = follow({ warehouse: failing })
  await looked()
  await pass(2, { market: USUAL.market })
  await nextQuarter({ market: USUAL.market })
  await waitUntil('its row', 60_000, async () => (await incidents({ state: 'active' })).length === 1)
  await stop()
  const told = (await alerts()).slice(before)
  expect(cut).toBe(1)
  expect(told.map(({ data }) => data.change)).toEqual(['opened', 'opened'])
  expect(told[0]!.id).toBe(told[1]!.id)
})

it('tells nobody of a run that is not shown, and nothing of a tenant without orders', async () => {
  const before = (await alerts()).length
  const stop = follow({ log: hiddenLog(pipeline.log, () => false) })
  await pass(8, USUAL)
  expect(await incidents({ state: 'active' })).toEqual([])
  expect((await alerts()).length).toBe(before)
  await stop()
  const [watch] = await readMetricWatches(test.warehouse, { database: DATABASE, tenant: 'zebra' })
  expect(watch).toMatchObject({ days: 0, series: 4 })
})

it('takes up nothing of before when it was away for more than a week', async () => {
  const before = (await alerts()).length
  nowMs = NOON + 15 * DAY_MS
  await hear(['shop', 'market'])
  const stop = follow()
  await looked()
  await stop()
  const [watch] = await readMetricWatches(test.warehouse, SCOPE)
  expect(watch!.upToMs).toBe(nowMs)
  expect(await alerts()).toHaveLength(before)
})
