/** What one fault plays with: a database and a log of its own, a shop that feeds it, and the check of it all. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import type { OrderEventInput } from '../../core/contracts/order.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { type EventLog, partitionOf } from '../../core/log/event-log.ts'
import type { BatchContext } from '../../processors/orders/batch.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import { differencesIn } from './check-world.ts'
import type { EngineHost } from './engine-host.ts'
import { createOrdersFeed, type OrdersFeed, TENANT } from './orders-feed.ts'
import type { Random } from './random.ts'
import { until } from './until.ts'

export const PARTITIONS = 2
/** Short, so that members who are paused or dead are given up within a test. */
export const SESSION_TIMEOUT_MS = 600
const APPENDED_AT_ONCE = 10

export interface World {
  readonly host: EngineHost
  readonly random: Random
  readonly database: string
  readonly logFolder: string
  log: EventLog
  readonly feed: OrdersFeed
  /** Orders that ended in dead letters: not in the tables. */
  readonly setAside: Set<string>
  context(): Omit<BatchContext, 'partition'>
  openLog(): Promise<EventLog>
  /** Opening marks for what is new, as every start does it. */
  init(): Promise<number>
  /** The shop goes on for so many events. */
  play(count: number): Promise<void>
  append(events: readonly OrderEventInput[]): Promise<void>
  /** The last offset that is in the table, by partition. */
  marks(): Promise<number[]>
  /** Resolves when the table has all that the log has. */
  caughtUp(timeoutMs?: number): Promise<void>
  /** What is wrong, in words; empty when all is right. */
  differences(): Promise<string[]>
  close(): Promise<void>
}

let worlds = 0

export async function openWorld(host: EngineHost, random: Random): Promise<World> {
  worlds += 1
  const run = `r${worlds}`
  const database = `revwall_${run}`
  await migrate(host.warehouse, { database })
  const logFolder = mkdtempSync(join(tmpdir(), 'revwall-faults-log-'))
  const openLog = () => openTopics(logFolder)
  const world: World = {
    host,
    random,
    database,
    logFolder,
    log: await openLog(),
    feed: createOrdersFeed(random),
    setAside: new Set(),
    openLog,
    context: () => contextOf(run, world.log),
    init: () => {
      const options = { warehouse: host.warehouse, database, log: world.log, context: world.context() }
      return openMarks({ ...options, takeLog: false, now: Date.now() })
    },
    play: async (count) => {
      for (let left = count; left > 0; left -= APPENDED_AT_ONCE)
        await world.append(Array.from({ length: Math.min(left, APPENDED_AT_ONCE) }, world.feed.next))
    },
    append: (events) => appendEvents(world.log, events),
    marks: () => readMarks(host, database),
    caughtUp: (timeoutMs) => until('the table has caught up', () => hasCaughtUp(world), timeoutMs),
    differences: () => differencesIn(world),
    close: async () => {
      await world.log.close()
      await host.settle()
      await host.warehouse.command(`DROP DATABASE ${database} SYNC`)
      rmSync(logFolder, { recursive: true, force: true })
    },
  }
  await world.init()
  return world
}

async function openTopics(folder: string): Promise<EventLog> {
  const log = await openEmbeddedLog({ folder, sessionTimeoutMs: SESSION_TIMEOUT_MS })
  for (const { name, partitions, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions: name === 'orders' ? PARTITIONS : partitions, retentionMs })
  return log
}

function contextOf(run: string, log: EventLog): Omit<BatchContext, 'partition'> {
  const tenants = new Map([[TENANT.id, TENANT]])
  return { run, topic: 'orders', incarnation: log.incarnation, code: 'v1', serverStart: 0, tenants }
}

async function appendEvents(log: EventLog, events: readonly OrderEventInput[]): Promise<void> {
  const records = events.map((event) => {
    const key = orderKey(event)
    const value = Buffer.from(JSON.stringify(event))
    return { partition: partitionOf(key, PARTITIONS), key, value, contentType: 'application/json' as const }
  })
  await log.append('orders', records)
}

function readMarks({ warehouse }: EngineHost, database: string): Promise<number[]> {
  const scopes = Array.from({ length: PARTITIONS }, (_, partition) => {
    return { warehouse, database, topic: 'orders', partition }
  })
  return Promise.all(scopes.map(async (scope) => (await readLastMark(scope))?.last ?? Number.NaN))
}

async function hasCaughtUp({ marks, log }: World): Promise<boolean> {
  const ends = await Promise.all(
    (await marks()).map(async (last, partition) => {
      return last + 1 === (await log.bounds('orders', partition)).next
    }),
  )
  return ends.every(Boolean)
}
