import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { deadLetter } from '../../core/contracts/dead-letters.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { openTestLog } from '../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import type { FactTopic } from './parse-fact.ts'
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
  for (const topic of ['orders', 'customers', 'products', 'rates', 'dead-letters'] as const)
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
  for (const topic of ['customers', 'products', 'rates'] as const)
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
