/** The door on a server of its own for tests: a real log in a temporary folder, a key, and a real socket. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { decodeOrdersEvent } from '../../../core/contracts/decode-event.ts'
import { TOPICS } from '../../../core/contracts/topics.ts'
import type { EventLog, LogRecord } from '../../../core/log/event-log.ts'
import { openTestLog } from '../../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { createApiKey, hashKey } from '../api-key.ts'
import type { IngestOptions } from '../ingest-routes.ts'
import { createIngestServer } from '../ingest-server.ts'
import { openKeyBook } from '../key-book.ts'
import { changeKeys, keyFilePath } from '../key-file.ts'

export const PARTITIONS = 2

export interface Door {
  url: string
  log: EventLog
  folder: string
  registry: Registry
  /** Makes a key of a tenant. */
  addKey(tenant: string): Promise<{ id: string; key: string }>
  post(body: Body | object, headers?: Record<string, string>): Promise<Answer>
  /** The same at `/ingest/annotations`. */
  annotate(body: Body | object, headers?: Record<string, string>): Promise<Answer>
  /** What stands on the topic, JSON, with its partition. */
  records(): Promise<Stored[]>
  metric(name: string): Promise<number>
  close(): Promise<void>
}

export type Body = string | Uint8Array | ReadableStream

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape, looked into by the tests.
  body: any
  headers: Headers
}

export interface Stored {
  partition: number
  key: string
  event: Record<string, unknown>
}

export async function openDoor(more: Partial<IngestOptions> = {}): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-door-'))
  const log = await openTestLog(join(folder, 'log'))
  await log.ensureTopic('orders', { partitions: PARTITIONS, retentionMs: Number.POSITIVE_INFINITY })
  await log.ensureTopic('notes', TOPICS.notes)
  const registry = new Registry()
  const path = keyFilePath(folder)
  const ports = { clock: systemClock, logger: silentLogger }
  const keys = openKeyBook({ path, ...ports })
  const app = createIngestServer({ log, keys, tenants: ['acme', 'zebra'], registry, ...ports, ...more })
  const addKey = async (tenant: string) => {
    const made = createApiKey()
    const createdAt = new Date().toISOString()
    const stored = { id: made.id, tenant, name: '', hash: hashKey(made.key), createdAt, revokedAt: null }
    await changeKeys(path, systemClock, (all) => [...all, stored])
    return made
  }
  const { key } = await addKey('acme')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    log,
    folder,
    registry,
    addKey,
    post: (body, headers = {}) => post(url, body, { authorization: `Bearer ${key}`, ...headers }),
    annotate: (body, headers = {}) =>
      post(url, body, { authorization: `Bearer ${key}`, ...headers }, 'annotations'),
    records: () => readAll(log),
    metric: (name) => sumOf(registry, name),
    async close() {
      await app.close()
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Objects go as JSON; an empty header is left out. */
export async function post(
  url: string,
  body: Body | object,
  headers: Record<string, string>,
  what = 'orders',
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
  const all = { 'content-type': 'application/json', ...headers }
  const response = await fetch(`${url}/ingest/${what}`, {
    method: 'POST',
    body: isRaw ? (body as Body) : JSON.stringify(body),
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')),
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  }
}

async function readAll(log: EventLog): Promise<Stored[]> {
  const limits = { maxRecords: 100_000, maxBytes: 1e9 }
  const lists = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) =>
      (await log.read('orders', partition, 0, limits)).map((record) => stored(partition, record)),
    ),
  )
  return lists.flat()
}

function stored(partition: number, record: LogRecord): Stored {
  const event = decodeOrdersEvent(record) as Stored['event']
  return { partition, key: record.key, event }
}

async function sumOf(registry: Registry, name: string): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? []
  return values.reduce((sum, { value }) => sum + value, 0)
}

/** The least order that the contract takes. */
export function sampleOrder(orderId: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'order',
    source: 'shop',
    orderId,
    version: 1,
    changedAt: '2024-03-01T10:15:00Z',
    placedAt: '2024-03-01T10:15:00Z',
    status: 'completed',
    currency: 'GBP',
    lines: [{ sku: 'A', name: 'Mug', quantity: '2', unitPrice: '6.25' }],
    ...more,
  }
}
