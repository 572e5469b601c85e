import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { openTestLog } from '../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { storeDeadLetters } from './store-dead-letters.ts'

const DATABASE = 'revwall_r1'
const folder = mkdtempSync(join(tmpdir(), 'revwall-letters-'))
let test: TestEngine
let log: EventLog

beforeAll(async () => {
  test = await startTestEngine()
  await migrate(test.warehouse, { database: DATABASE })
  log = await openTestLog(folder)
  await log.ensureTopic('dead-letters', { partitions: 1, retentionMs: Number.POSITIVE_INFINITY })
})
afterAll(async () => {
  await log?.close()
  await test?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function letter(origin: string, more: Record<string, unknown> = {}) {
  const at = '2024-03-01T10:00:00.000Z'
  const body = {
    type: 'dead-letter',
    schemaVersion: 1,
    tenant: 'acme',
    source: 'shop',
    origin,
    reason: 'invalid',
  }
  const value = JSON.stringify({ ...body, detail: 'x', at, payload: '{"a":"é"}', encoding: 'utf8', ...more })
  return { partition: 0, key: origin, value: Buffer.from(value), contentType: 'application/json' as const }
}

async function stored(): Promise<string[]> {
  const rows = await test.warehouse.query<{ origin: string; payload: string }>(
    `SELECT origin, payload FROM ${DATABASE}.dead_letters FINAL ORDER BY origin`,
  )
  return rows.map(({ origin, payload }) => `${origin} ${payload}`)
}

async function runUntil(wanted: string[]): Promise<void> {
  const abort = new AbortController()
  const running = storeDeadLetters({
    warehouse: test.warehouse,
    database: DATABASE,
    run: 'r1',
    log,
    clock: systemClock,
    logger: silentLogger,
    signal: abort.signal,
  })
  await expect.poll(stored, { timeout: 45_000 }).toEqual(wanted)
  abort.abort()
  await running
}

it('lists each origin once, however often its letter came, and passes over what is no letter', async () => {
  const junk = { ...letter('junk'), value: Buffer.from('{') }
  await log.append('dead-letters', [letter('o:1'), junk, letter('o:2'), letter('o:1')])
  await runUntil(['o:1 {"a":"é"}', 'o:2 {"a":"é"}'])
})

it('goes on where it was, and waits for a server that is away', async () => {
  test.engine.kill()
  await log.append('dead-letters', [letter('o:3')])
  await runUntil(['o:1 {"a":"é"}', 'o:2 {"a":"é"}', 'o:3 {"a":"é"}'])
})
