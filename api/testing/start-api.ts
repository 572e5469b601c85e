/** A whole api for tests: a real ClickHouse with the real tables, a real log, and the app on a free port. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { migrateShards } from '../../clickhouse/migrations/migrate-shards.ts'
import {
  insertChanges,
  type SampleMark,
  type SampleOrder,
} from '../../clickhouse/queries/testing/insert-changes.ts'
import { v1ViewNames } from '../../clickhouse/queries/v1-views.ts'
import type { CommittedBatch } from '../../core/contracts/committed-batch.ts'
import type { SourceHealth } from '../../core/contracts/facts.ts'
import { TOPICS, type TopicName } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { type ApiOptions, createApi } from '../app.ts'
import type { Health } from '../live/tenant-facts.ts'

export const DATABASE = 'revwall_r1'
export const TENANTS = [
  { id: 'acme', name: 'Acme', timeZone: 'Europe/London', currency: 'GBP' },
  { id: 'zebra', name: 'Zebra', timeZone: 'America/Sao_Paulo', currency: 'BRL' },
]

export interface TestApi {
  app: FastifyInstance
  db: TestEngine
  log: EventLog
  url: string
  health: Health
  registry: Registry
  insert(rows: readonly (SampleOrder | SampleMark)[]): Promise<void>
  /** Tells the hub of a batch, as a processor does. */
  notice(batch: Partial<CommittedBatch>): Promise<void>
  tellHealth(health: Partial<SourceHealth>): Promise<void>
  stop(): Promise<void>
}

export async function startTestApi(more: Partial<ApiOptions> = {}): Promise<TestApi> {
  const db = await startTestEngine({ tenants: TENANTS.map(({ id }) => id), tables: v1ViewNames() })
  await migrateShards(db.warehouse, { database: DATABASE })
  const folder = mkdtempSync(join(tmpdir(), 'revwall-api-'))
  const log = await openEmbeddedLog({ folder })
  for (const topic of ['orders', 'notes'] as const) await log.ensureTopic(topic, TOPICS[topic])
  const health: Health = { warehouse: 'up', processor: 'running', message: '' }
  const registry = new Registry()
  const app = createApi({
    tenants: TENANTS,
    warehouse: db.warehouse,
    database: DATABASE,
    log,
    logger: silentLogger,
    registry,
    health: () => ({ ...health }),
    wallsFile: join(folder, 'walls.json'),
    ...more,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const tell = (topic: TopicName, value: object) =>
    log.append(topic, [
      { partition: 0, key: 'k', value: Buffer.from(JSON.stringify(value)), contentType: 'application/json' },
    ])
  return {
    app,
    db,
    log,
    url,
    health,
    registry,
    insert: (rows) => insertChanges(db.warehouse, DATABASE, rows),
    async notice(batch) {
      await tell('committed-batches', { ...NOTICE, at: new Date().toISOString(), ...batch })
    },
    async tellHealth(told) {
      await tell('source-health', { ...HEALTH, at: new Date().toISOString(), ...told })
    },
    async stop() {
      await app.close()
      await log.close()
      await db.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const NOTICE = {
  type: 'committed-batch',
  schemaVersion: 1,
  run: DATABASE,
  topic: 'orders',
  partition: 0,
  first: 0,
  last: 0,
  rows: 1,
  touched: [],
}
const HEALTH = { type: 'source.health', schemaVersion: 1, tenant: 'acme', source: 'shop', state: 'running' }
