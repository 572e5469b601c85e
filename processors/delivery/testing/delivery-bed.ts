/** What delivers, on a real ClickHouse and a real log, with a clock that can be put forward. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { migrate } from '../../../clickhouse/migrations/migrate.ts'
import { DELIVERIES_TABLE } from '../../../clickhouse/queries/delivery-state.ts'
import type { AlertResult } from '../../../core/contracts/results.ts'
import { TOPICS, type TopicName } from '../../../core/contracts/topics.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { openTestLog } from '../../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../../test/with-engine.ts'
import { sendEvents } from '../../send-events.ts'
import { type DeliveryOptions, deliverEvents } from '../deliver-events.ts'
import { changeEndpoints, type Endpoint, endpointFilePath } from '../endpoint-file.ts'
import { createSender } from '../send-request.ts'
import { createSecret } from '../sign-webhook.ts'

export interface Row {
  message_id: string
  attempt: number
  status: string
  http_status: number
  error: string
}

export interface DeliveryBed {
  db: TestEngine
  log: EventLog
  folder: string
  path: string
  registry: Registry
  /** Puts the clock forward. */
  pass(ms: number): void
  now(): number
  start(more?: Partial<DeliveryOptions>): { stop(): Promise<void> }
  add(more: Partial<Endpoint>): Promise<Endpoint>
  alert(tenant: string, id: string, data?: Partial<AlertResult['data']>): Promise<AlertResult>
  command(value: object): Promise<void>
  /** Of one endpoint, in the order in which they were written. */
  rows(endpoint: string): Promise<Row[]>
  /** Ends what runs, and leaves no endpoint. */
  clear(): Promise<void>
  stop(): Promise<void>
}

export const BED_TOPICS = ['alerts', 'anomalies', 'segments', 'commands', 'committed-batches'] as const

export async function openDeliveryBed(): Promise<DeliveryBed> {
  const db = await startTestEngine()
  await migrate(db.warehouse, { database: 'revwall_r1' })
  const folder = mkdtempSync(join(tmpdir(), 'revwall-delivery-'))
  const log = await openTestLog(join(folder, 'log'))
  for (const name of BED_TOPICS) await log.ensureTopic(name, TOPICS[name as TopicName])
  const path = endpointFilePath(folder)
  const running = new Set<() => Promise<void>>()
  let skewMs = 0
  let ids = 0
  const clock = { ...systemClock, now: () => Date.now() + skewMs }
  const bed: DeliveryBed = {
    ...{ db, log, folder, path, registry: new Registry() },
    pass: (ms) => {
      skewMs += ms
    },
    now: clock.now,
    start(more = {}) {
      const ending = new AbortController()
      bed.registry = new Registry()
      const done = deliverEvents({
        ...{ warehouse: db.warehouse, log, clock, random: () => 0.5, logger: silentLogger, path },
        ...{ send: createSender({ allowPrivate: true }), tenants: ['acme', 'zebra'], registry: bed.registry },
        signal: ending.signal,
        limits: { idleMs: 20, timeoutMs: 500, ...more.limits },
        ...more,
      })
      const stop = async () => {
        running.delete(stop)
        ending.abort()
        await done
      }
      running.add(stop)
      return { stop }
    },
    async add(more) {
      ids += 1
      const endpoint = {
        ...{ kind: 'webhook', id: `ep_${String(ids).padStart(8, '0')}`, tenant: 'acme', name: `n${ids}` },
        ...{ topics: ['alerts'], createdAt: new Date(Date.now() - 1).toISOString(), disabled: null },
        ...(more.kind === 'slack' ? {} : { secrets: [{ secret: createSecret(), expiresAt: null }] }),
        ...more,
      } as Endpoint
      await changeEndpoints(path, systemClock, (all) => [...all, endpoint])
      return endpoint
    },
    async alert(tenant, id, data = {}) {
      const value = alertOf(tenant, id, data)
      await sendEvents(log, 'alerts', [{ key: `${tenant}/${id}`, value }])
      return value
    },
    command: (value) => sendEvents(log, 'commands', [{ key: 'acme', value }]),
    rows: (endpoint) =>
      db.warehouse.query<Row>(
        `SELECT message_id, attempt, status, http_status, error FROM ${DELIVERIES_TABLE} FINAL
         WHERE endpoint = {endpoint:String} ORDER BY message_id, revision`,
        { params: { endpoint } },
      ),
    async clear() {
      await Promise.all([...running].map((stop) => stop()))
      await changeEndpoints(path, systemClock, () => [])
    },
    async stop() {
      await bed.clear()
      await log.close()
      await db.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return bed
}

export function alertOf(tenant: string, id: string, data: Partial<AlertResult['data']> = {}): AlertResult {
  const at = '2024-03-01T10:15:00Z'
  return {
    ...{ specversion: '1.0', type: 'revwall.alert.v1', id, source: `/tenants/${tenant}/alerts` },
    ...{ subject: `shop/${id}`, time: at, datacontenttype: 'application/json' },
    data: {
      ...{ schemaVersion: 1, tenant, computedAt: at, model: 'm', alertId: id, dedupKey: `order/${id}` },
      ...{ severity: 'critical', title: `Unusual order ${id}`, detail: 'é 9× <usual>', state: 'open' },
      link: `http://127.0.0.1:4680/?tenant=${tenant}&anomaly=${id}`,
      ...data,
    },
  }
}
