import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { openRun } from './open-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-open-run-'))
let db: TestEngine
let log: EventLog
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, FIRST_RUN)
  log = await openEmbeddedLog({ folder })
  await log.ensureTopic('orders', { ...TOPICS.orders, partitions: 1 })
  const record = {
    partition: 0,
    key: 'k',
    value: Buffer.from('{}'),
    contentType: 'application/json',
  } as const
  await log.append('orders', [record, record])
})
afterAll(async () => {
  await log?.close()
  await db?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('takes the run back when the log was trimmed before the retention knew of it', async () => {
  const warehouse: Warehouse = {
    ...db.warehouse,
    command: async (sql, options) => {
      if (/INSERT INTO revwall\.runs /.test(sql) && options?.params?.state === 'open')
        await log.trim('orders', 0, (await log.bounds('orders', 0)).next)
      await db.warehouse.command(sql, options)
    },
  }
  const opening = openRun({ warehouse, log, logger: silentLogger, tenants: [] })
  await expect(opening).rejects.toMatchObject({
    code: 'RUN_LOG_TRIMMED',
    message: expect.stringMatching(/while r2 was opened.*begins at offset 2/),
  })
  const { open, shown } = await readRuns(db.warehouse)
  expect([open.map(({ run }) => run), shown.run]).toEqual([['r1'], 'r1'])
  expect(await db.warehouse.query('EXISTS DATABASE revwall_r2')).toEqual([{ result: 0 }])
})
