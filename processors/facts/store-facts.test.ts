import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { deadLetter } from '../../core/contracts/dead-letters.ts'
import { noteEvent } from '../../core/contracts/notes.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { openTestLog } from '../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { FACT_TOPICS, type FactTopic } from './parse-fact.ts'
import { storeFacts } from './store-facts.ts'

const DATABASE = 'revwall_r1'
const folder = mkdtempSync(join(tmpdir(), 'revwall-facts-'))
let test: TestEngine
let log: EventLog

beforeAll(async () => {
  test = await startTestEngine()
  await migrate(test.warehouse, { database: DATABASE })
  log = await openTestLog(folder)
  // On Kafka the log's life is that of `orders`.
  for (const topic of ['orders', 'customers', 'products', 'rates', 'notes', 'dead-letters'] as const)
    await log.ensureTopic(topic, TOPICS[topic])
})
afterAll(async () => {
  await log?.close()
  await test?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const CHANGED = '2024-03-01T10:00:00Z'
const head = { schemaVersion: 1, tenant: 'acme', source: 'shop', changedAt: CHANGED }
const customer = (customerId: string, version: number, more: object = {}) => ({
  ...{ type: 'customer', ...head, customerId, version, externalCustomerId: `no-${customerId}` },
  ...more,
})
const product = (sku: string, version: number, more: object = {}) => ({
  ...{ type: 'product', ...head, sku, version, name: `Article ${sku}` },
  ...more,
})
const rate = (day: string, value: string) => ({
  ...{ type: 'rate', schemaVersion: 1, tenant: 'acme', base: 'EUR', quote: 'GBP' },
  ...{ day, rate: value, provider: 'ECB' },
})

const annotation = (id: string, more: object = {}) => ({
  ...{ type: 'annotation', schemaVersion: 1, tenant: 'acme', id, kind: 'deploy', at: '2024-03-01T10:00:00Z' },
  ...{ text: 'checkout 2.0', by: 'olga', ...more },
})
const target = (from: string, amount: string, more: object = {}) => ({
  ...{ type: 'target', schemaVersion: 1, tenant: 'acme', series: 'revenue', period: 'month', from, amount },
  ...{ currency: 'GBP', by: 'adam', ...more },
})

/** All of one key in one partition, as producers do it. */
async function tell(topic: FactTopic, key: string, ...events: unknown[]): Promise<void> {
  const partition = partitionOf(key, log.partitions(topic))
  const encode = (event: unknown) => Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))
  const contentType = 'application/json' as const
  await log.append(
    topic,
    events.map((event) => ({ partition, key, value: encode(event), contentType })),
  )
}

/** A `run` of its own begins at the log's first record, as a consumer does that lost its position. */
async function storing(run: string, meanwhile: () => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const running = storeFacts({
    ...{ warehouse: test.warehouse, database: DATABASE, run, log, tenants: new Map([['acme', {}]]) },
    ...{
      clock: systemClock,
      logger: silentLogger,
      signal: abort.signal,
    },
  })
  try {
    await meanwhile()
    await expect.poll(() => lagOf(run), { timeout: 60_000 }).toBe(0)
  } finally {
    abort.abort()
    await running
  }
}

async function lagOf(run: string): Promise<number> {
  let lag = 0
  for (const topic of FACT_TOPICS)
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      const { next } = await log.bounds(topic, partition)
      lag += next - ((await log.committed(`facts-${run}`, topic, partition)) ?? 0)
    }
  return lag
}

const ask = (columns: string, from: string) =>
  test.warehouse.query(`SELECT ${columns} FROM ${DATABASE}.${from}`)

it('keeps the newest version of each, in whatever order and however often they come', async () => {
  await storing('r1', async () => {
    await tell('customers', 'c', customer('c', 2, { name: 'Jo Doe', email: 'jo@example.org' }))
    await tell('customers', 'c', customer('c', 1, { name: 'J. Doe' }), customer('c', 2, { name: 'Jo Doe' }))
    await tell('products', 'MUG', product('MUG', 7, { price: '2.5500', stock: '-3', currency: 'GBP' }))
    await tell('products', 'MUG', product('MUG', 6, { price: '9' }), product('MUG', 7, { price: '2.55' }))
    await tell('rates', 'EUR', rate('2024-03-01', '0.8561'), rate('2024-03-01', '0.8562123456'))
  })
  const rows = async () => [
    await ask('customer, version, name, email, created_at', 'customers FINAL'),
    await ask('sku, version, price, cost, stock', 'catalogue FINAL'),
    await ask('day, rate, provider', 'rates FINAL'),
  ]
  const expected = [
    [{ customer: 'c', version: '2', name: 'Jo Doe', email: '', created_at: null }],
    [{ sku: 'MUG', version: '7', price: '2.55', cost: null, stock: null }],
    [{ day: '2024-03-01', rate: '0.8562123456', provider: 'ECB' }],
  ]
  expect(await rows()).toEqual(expected)
  await storing('again', async () => {})
  expect(await rows()).toEqual(expected)
})

it('sets aside what does not parse, without quoting it, and goes on', async () => {
  await storing('r1', async () => {
    await tell('customers', 'd', '{"name":"Jane Roe', customer('d', 1, { email: 7 }))
    await tell('customers', 'd', { ...customer('d', 1), tenant: 'nobody' }, customer('d', 1, { name: 'Di' }))
    await tell('rates', 'x', { ...rate('2024-03-02', '1e3') })
  })
  const letters = (await log.read('dead-letters', 0, 0, { maxRecords: 100, maxBytes: 1e6 })).map((record) =>
    deadLetter.parse(JSON.parse(Buffer.from(record.value).toString())),
  )
  const told = new Set(
    letters.map(({ origin, reason, detail }) => `${origin.split(':')[0]} ${reason} ${detail}`),
  )
  expect([...told].sort()).toEqual([
    'customers invalid email: Invalid input: expected string, received number',
    'customers invalid tenant nobody is not configured',
    'customers unreadable not JSON in UTF-8',
    expect.stringMatching(/^rates invalid rate: /),
  ])
  expect(await ask('name', "customers FINAL WHERE customer = 'd'")).toEqual([{ name: 'Di' }])
})

it('keeps of annotations and targets what was said last, whatever it says of itself', async () => {
  await storing('r1', async () => {
    await tell('notes', 'n', annotation('a'), annotation('b', { at: '2024-03-01T12:30:00+02:00' }))
    await tell(
      'notes',
      'n',
      annotation('a', { removed: true }),
      annotation('c', { until: '2024-03-02T00:00:00Z' }),
    )
    await tell('notes', 'n', target('2024-03-01', '100'), target('2024-03-01', '250.5'))
    await tell('notes', 'n', target('2024-03-01', '40', { series: 'orders', currency: null, removed: true }))
  })
  const rows = async () => [
    await ask('id, at, until, removed', 'annotations FINAL ORDER BY id'),
    await ask('series, from_day, amount, currency, removed', 'targets FINAL ORDER BY series'),
  ]
  const expected = [
    [
      { id: 'a', at: '2024-03-01 10:00:00.000', until: null, removed: 1 },
      { id: 'b', at: '2024-03-01 10:30:00.000', until: null, removed: 0 },
      { id: 'c', at: '2024-03-01 10:00:00.000', until: '2024-03-02 00:00:00.000', removed: 0 },
    ],
    [
      { series: 'orders', from_day: '2024-03-01', amount: '40', currency: '', removed: 1 },
      { series: 'revenue', from_day: '2024-03-01', amount: '250.5', currency: 'GBP', removed: 0 },
    ],
  ]
  expect(await rows()).toEqual(expected)
  await storing('a new run', async () => {})
  expect(await rows()).toEqual(expected)
})

it.each([
  ['ends before it begins', annotation('x', { until: '2024-03-01T09:00:00Z' })],
  ['has no words', annotation('x', { text: ' ' })],
  ['is of no kind', annotation('x', { kind: 'party' })],
  ['is nothing to reach', target('2024-03-01', '0.00')],
  ['is below nothing', target('2024-03-01', '-5')],
  ['is half an order', target('2024-03-01', '0.5', { series: 'orders', currency: null })],
  ['is revenue of no currency', target('2024-03-01', '5', { currency: null })],
  ['begins on no day', target('2024-02-30', '5')],
])('does not store a note that %s', async (_, note) => {
  expect(noteEvent.safeParse(note).success).toBe(false)
})

it('forgets a person for good: older rows are gone, later ones and repetitions tell nothing', async () => {
  const personal =
    "customer, name, email, phone, external_customer, country FROM revwall_r1.customers WHERE customer = 'e'"
  await storing('r1', () =>
    tell(
      'customers',
      'e',
      customer('e', 1, { name: 'Ed Poe', country: 'Peru' }),
      customer('e', 4, { phone: '1' }),
    ),
  )
  expect(await test.warehouse.query(`SELECT ${personal}`)).not.toEqual([])
  await storing('r1', () => tell('customers', 'e', customer('e', 3, { erasedAt: '2024-05-01T00:00:00Z' })))
  // Without FINAL: whatever any part still has.
  const left = () => test.warehouse.query(`SELECT DISTINCT ${personal}`)
  const nothing = { customer: 'e', name: '', email: '', phone: '', external_customer: '', country: '' }
  expect(await left()).toEqual([nothing])
  await storing('r1', () =>
    tell(
      'customers',
      'e',
      customer('e', 2, { name: 'Ed Poe' }),
      customer('e', 5, { name: 'Ed Poe', phone: '2' }),
    ),
  )
  expect(await left()).toEqual([nothing])
  await storing('once-more', async () => {})
  expect(await left()).toEqual([nothing])
  expect(await ask('erased_at IS NOT NULL AS erased', "customers FINAL WHERE customer = 'e'")).toEqual([
    { erased: 1 },
  ])
  expect(await ask('name', "customers FINAL WHERE customer = 'c'")).toEqual([{ name: 'Jo Doe' }])
})

it('waits for a server that is away, and goes on where it was', async () => {
  test.engine.kill()
  await storing('r1', () => tell('products', 'CUP', product('CUP', 1)))
  expect(await ask('name', "catalogue FINAL WHERE sku = 'CUP'")).toEqual([{ name: 'Article CUP' }])
})
