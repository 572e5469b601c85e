import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { openMarks } from '../orders/open-marks.ts'
import { startOrdersProcessor } from '../orders/process-orders.ts'
import { readLastMark } from '../orders/read-position.ts'
import { recoverPartition } from '../orders/recover-partition.ts'
import { keepLog, trimOnce } from './keep-log.ts'

const { run, database } = FIRST_RUN
const folder = mkdtempSync(join(tmpdir(), 'revwall-retention-'))
const MAX_BYTES = 400_000
const tenant = { id: 'acme', name: 'Acme', timeZone: 'UTC', currency: 'EUR' }
let test: TestEngine
let log: EventLog
let sent = 0

beforeAll(async () => {
  test = await startTestEngine()
  await migrate(test.warehouse, { database })
  log = await openEmbeddedLog({ folder })
  for (const { name, partitions, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions: name === 'orders' ? 2 : partitions, retentionMs })
})
afterAll(async () => {
  await log?.close()
  await test?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const contextOf = () => ({
  run,
  topic: 'orders',
  incarnation: log.incarnation,
  code: 'test',
  serverStart: 1,
  tenants: new Map([[tenant.id, tenant]]),
})
const scopeOf = (partition: number) => ({ warehouse: test.warehouse, database, topic: 'orders', partition })
const limits = { maxRecords: 100, maxBytes: 2 ** 20, minIntervalMs: 10, progressIntervalMs: 10 }
const ports = () => ({ warehouse: test.warehouse, log, clock: systemClock, logger: silentLogger })
const never = new AbortController().signal
const onStep = () => {}
const startProcessor = () =>
  startOrdersProcessor({ ...ports(), database, context: contextOf(), limits, onStep })

async function sell(count: number): Promise<void> {
  const at = '2024-03-01T10:00:00Z'
  const records = Array.from({ length: count }, () => {
    const orderId = `o-${++sent}`
    const head = { type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', role: 'sale', orderId }
    const facts = {
      version: 1,
      changedAt: at,
      placedAt: at,
      status: 'completed',
      currency: 'EUR',
      total: '1',
    }
    const value = Buffer.from(JSON.stringify({ ...head, ...facts, note: 'x'.repeat(2_000) }))
    return {
      partition: sent % 2,
      key: `acme/shop/${orderId}`,
      value,
      contentType: 'application/json' as const,
    }
  })
  await log.append('orders', records)
}

async function counted(): Promise<number> {
  const [row] = await test.warehouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${database}.order_changes WHERE sign = 1`,
  )
  return Number(row!.n)
}

it('trims nothing that a run without a mark, or that is behind, still needs', async () => {
  await openMarks({ ...ports(), database, context: contextOf(), takeLog: false, now: Date.now() })
  await sell(300)
  expect(await trimOnce({ ...ports(), signal: never, maxAgeMs: 0, maxBytes: 0 })).toBeGreaterThan(0)
  expect((await log.bounds('orders', 0)).first).toBe(0)
})

it('trims under load, and keeps what the next recovery compares', async () => {
  const ending = new AbortController()
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) }
  const keeping = keepLog({
    ...ports(),
    logger,
    signal: ending.signal,
    maxAgeMs: Number.POSITIVE_INFINITY,
    maxBytes: MAX_BYTES,
    intervalMs: 50,
  })
  const processor = await startProcessor()
  for (let round = 0; round < 20; round++) {
    await sell(50)
    await systemClock.sleep(50)
  }
  await expect.poll(counted, { timeout: 60_000 }).toBe(sent)
  await expect.poll(() => log.sizes!.bytes(), { timeout: 30_000 }).toBeLessThan(2 * MAX_BYTES)
  ending.abort()
  await keeping
  await processor.stop()
  for (const partition of [0, 1]) {
    const { first } = await log.bounds('orders', partition)
    const mark = (await readLastMark(scopeOf(partition)))!
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThanOrEqual(mark.first)
    // The bytes are there to be compared, and the comparison passes.
    expect((await log.read('orders', partition, mark.first, { maxRecords: 1, maxBytes: 1 })).length).toBe(1)
    expect(await recoverPartition(scopeOf(partition), log)).toMatchObject({ last: mark.last })
  }
})

it('goes on after a restart on the trimmed log', async () => {
  const processor = await startProcessor()
  await sell(50)
  await expect.poll(counted, { timeout: 60_000 }).toBe(sent)
  await processor.stop()
})

it('trims by age, up to the last mark', async () => {
  await trimOnce({ ...ports(), signal: never, maxAgeMs: 0, maxBytes: Number.POSITIVE_INFINITY })
  for (const partition of [0, 1]) {
    const mark = (await readLastMark(scopeOf(partition)))!
    expect((await log.bounds('orders', partition)).first).toBe(mark.first)
    await recoverPartition(scopeOf(partition), log)
  }
})
