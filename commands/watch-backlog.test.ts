import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DATABASE, writeBatch } from '../clickhouse/audit/testing/write-batch.ts'
import { migrate } from '../clickhouse/migrations/migrate.ts'
import { TOPICS } from '../core/contracts/topics.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../test/with-engine.ts'
import { watchBacklog } from './watch-backlog.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-backlog-'))
let db: TestEngine
let log: EventLog
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database: DATABASE })
  log = await openEmbeddedLog({ folder, logger: silentLogger })
  await log.ensureTopic('orders', { ...TOPICS.orders, partitions: 2 })
  for (const partition of [0, 1]) await writeBatch(db.warehouse, { partition, first: 0, orders: [] })
})
afterAll(async () => {
  await log?.close()
  await db?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const append = (partition: number, count: number) =>
  log.append(
    'orders',
    Array.from({ length: count }, () => ({
      ...{ partition, key: 'k', value: Buffer.from('{}') },
      contentType: 'application/json' as const,
    })),
  )
const watch = (more: Partial<Parameters<typeof watchBacklog>[0]> = {}) =>
  watchBacklog({
    ...{ warehouse: db.warehouse, database: DATABASE, log, clock: systemClock },
    signal: new AbortController().signal,
    ...more,
  })

it('is nothing where the log is empty, and nobody is asked', async () => {
  const query = () => Promise.reject(new Error('asked'))
  const { left, watching } = await watch({ warehouse: { ...db.warehouse, query } })
  expect(left()).toBe(0)
  await watching
})

it('is what the log held at the start, in all partitions, until it was taken', async () => {
  await append(0, 2)
  await append(1, 1)
  const { left, watching } = await watch()
  expect(left()).toBe(3)
  await writeBatch(db.warehouse, { partition: 0, first: 0, orders: [{ id: 'a' }] })
  await expect.poll(left).toBe(2)
  // What comes later is no backlog: a wall that is a second behind is live.
  await append(1, 5)
  await writeBatch(db.warehouse, { partition: 0, first: 1, orders: [{ id: 'b' }] })
  await writeBatch(db.warehouse, { partition: 1, first: 0, orders: [{ id: 'c' }] })
  await watching
  expect(left()).toBe(0)
})

it('stays what it was while ClickHouse does not answer', async () => {
  let away = true
  const warehouse = {
    ...db.warehouse,
    query: <Row>(...asked: Parameters<typeof db.warehouse.query>) =>
      away
        ? Promise.reject(new RevwallError('CLICKHOUSE_UNREACHABLE', 'away'))
        : db.warehouse.query<Row>(...asked),
  }
  const stop = new AbortController()
  const { left, watching } = await watch({ warehouse, signal: stop.signal })
  expect(left()).toBe(8)
  away = false
  await expect.poll(left).toBe(5)
  stop.abort()
  await watching
})
