import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DATABASE, writeBatch } from '../clickhouse/audit/testing/write-batch.ts'
import { migrate } from '../clickhouse/migrations/migrate.ts'
import { FIRST_RUN } from '../clickhouse/runs/run.ts'
import { TOPICS } from '../core/contracts/topics.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../test/with-engine.ts'
import { type CaughtUpOptions, caughtUp } from './caught-up.ts'
import { readLag } from './run-lag.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-caught-up-'))
let db: TestEngine
let log: EventLog
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, FIRST_RUN)
  log = await openEmbeddedLog({ folder, logger: silentLogger })
  await log.ensureTopic('orders', { ...TOPICS.orders, partitions: 1 })
  await writeBatch(db.warehouse, { first: 0, orders: [] })
})
afterAll(async () => {
  await log?.close()
  await db?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const record = { partition: 0, key: 'k', value: Buffer.from('{}'), contentType: 'application/json' } as const
const options = (more: Partial<CaughtUpOptions> = {}): CaughtUpOptions => ({
  ...{ warehouse: db.warehouse, log, print: () => {}, signal: new AbortController().signal },
  health: () => ({ state: 'running', message: '' }),
  ...more,
})

it('waits for the views of the last batch, whose mark can be read before they are written', async () => {
  await db.warehouse.command(`CREATE TABLE ${DATABASE}.slow (n UInt64) ENGINE = MergeTree ORDER BY n`)
  await db.warehouse.command(
    `CREATE MATERIALIZED VIEW ${DATABASE}.slow_mv TO ${DATABASE}.slow AS
     SELECT toUInt64(sleepEachRow(1) + 1) AS n FROM ${DATABASE}.order_changes WHERE sign = 1`,
  )
  const rowsOfView = async () => (await db.warehouse.query(`SELECT n FROM ${DATABASE}.slow`)).length
  await log.append('orders', [record])
  const writing = writeBatch(db.warehouse, { first: 0, orders: [{ id: 'a' }] })
  await expect
    .poll(() => readLag(db.warehouse, log, FIRST_RUN), { interval: 5, timeout: 30_000 })
    .toMatchObject({ records: 0 })
  expect(await rowsOfView()).toBe(0)
  await caughtUp(options())
  expect(await rowsOfView()).toBe(1)
  await writing
  await db.warehouse.command(`DROP TABLE ${DATABASE}.slow_mv`)
})

it('says how much there is to go, and ends with the signal', async () => {
  await log.append('orders', [record, record])
  const lines: string[] = []
  let now = 0
  const stop = new AbortController()
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
      if (now > 5_000) stop.abort()
    },
  }
  await caughtUp(options({ clock, signal: stop.signal, print: (line) => lines.push(line) }))
  expect(lines).toEqual(['2 records to go', '2 records to go'])
})

it('does not wait for processors that have halted', async () => {
  const health = () => ({ state: 'halted', message: 'the log has a hole' }) as const
  await expect(caughtUp(options({ health }))).rejects.toMatchObject({
    code: 'PROCESSOR_HALTED',
    message: 'the log has a hole',
  })
})
