/** What faults play with: a database and a log, shops that sell into it, and the oracle over it all. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { BatchContext } from '../../processors/orders/batch.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import type { BadRecord } from '../oracle/bad-records.ts'
import { checkOracle } from '../oracle/check-oracle.ts'
import type { EngineHost } from './engine-host.ts'
import { type LogPlace, openLogAt } from './log-place.ts'
import { type Random, seededRandom } from './random.ts'
import { openSales, type Sales, TENANT } from './sales.ts'
import { until } from './until.ts'

export const PARTITIONS = 2
/** Short, so that members who are paused or dead are given up within a test. */
export const SESSION_TIMEOUT_MS = 600
/** The shortest that the brokers of tests allow. */
const KAFKA_SESSION_TIMEOUT_MS = 1_000
/** An answer may cause no further question. */
const MAX_ANSWER_ROUNDS = 4

export interface World {
  readonly host: EngineHost
  /** Of the fault under way. */
  random: Random
  readonly database: string
  /** Of an embedded log; throws on Kafka. */
  readonly logFolder: string
  readonly place: LogPlace
  readonly sessionTimeoutMs: number
  readonly log: EventLog
  readonly sales: Sales
  /** Letters that a fault has caused, beside those of the sources' faulty records. */
  readonly letters: BadRecord[]
  context(): Omit<BatchContext, 'partition'>
  openLog(): Promise<EventLog>
  /** Closes the world's handle, lets `change` work on the folder, and opens it again. No other handle may be open. */
  changeLog(change: () => void): Promise<void>
  /** From now on the log is there, and its tables are at that server. */
  moveTo(host: EngineHost, place: LogPlace): Promise<void>
  /** The last offset that is in the table, by partition. */
  marks(): Promise<number[]>
  /** Resolves when the table has all that the log has. */
  caughtUp(timeoutMs?: number): Promise<void>
  /** Plays what is left, answers every question, and resolves when all of it is in the table. */
  settled(): Promise<void>
  /** What is wrong, in words; empty when all is right. */
  differences(): Promise<string[]>
  close(): Promise<void>
}

let worlds = 0

/** On the embedded log, or on that of a broker. */
export async function openWorld(firstHost: EngineHost, broker?: string): Promise<World> {
  worlds += 1
  const run = `r${worlds}`
  const database = `revwall_${run}`
  let host = firstHost
  await migrate(host.warehouse, { database })
  const folder = mkdtempSync(join(tmpdir(), 'revwall-faults-log-'))
  let place: LogPlace = broker === undefined ? { folder } : { broker, prefix: `${run}-${randomUUID()}.` }
  let sessionTimeoutMs = broker === undefined ? SESSION_TIMEOUT_MS : KAFKA_SESSION_TIMEOUT_MS
  const openLog = () => openTopics(place, sessionTimeoutMs)
  let log = await openLog()
  const world: World = {
    get host() {
      return host
    },
    random: seededRandom(0),
    database,
    get logFolder() {
      if ('folder' in place) return folder
      throw new Error('a log on Kafka is in no folder')
    },
    get place() {
      return place
    },
    get sessionTimeoutMs() {
      return sessionTimeoutMs
    },
    get log() {
      return log
    },
    sales: openSales(() => log),
    letters: [],
    openLog,
    changeLog: async (change) => {
      await log.close()
      change()
      log = await openLog()
    },
    moveTo: async (otherHost, otherPlace) => {
      await log.close()
      host = otherHost
      place = otherPlace
      sessionTimeoutMs = 'folder' in place ? SESSION_TIMEOUT_MS : KAFKA_SESSION_TIMEOUT_MS
      log = await openLog()
    },
    context: () => contextOf(run, log),
    marks: () => readMarks(host, database),
    caughtUp: (timeoutMs) => until('the table has caught up', () => hasCaughtUp(world), timeoutMs),
    settled: () => settle(world),
    differences: () => differencesIn(world),
    close: async () => {
      await log.close()
      await host.settle()
      await host.warehouse.command(`DROP DATABASE ${database} SYNC`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  const marks = { warehouse: host.warehouse, database, log, context: world.context() }
  await openMarks({ ...marks, takeLog: false, now: Date.now() })
  return world
}

async function openTopics(place: LogPlace, sessionTimeoutMs: number): Promise<EventLog> {
  const log = await openLogAt(place, sessionTimeoutMs)
  for (const { name, partitions, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions: name === 'orders' ? PARTITIONS : partitions, retentionMs })
  return log
}

function contextOf(run: string, log: EventLog): Omit<BatchContext, 'partition'> {
  const tenants = new Map([[TENANT.id, TENANT]])
  return { run, topic: 'orders', incarnation: log.incarnation, code: 'v1', serverStart: 0, tenants }
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

async function settle({ sales, caughtUp }: World): Promise<void> {
  await sales.play()
  for (let round = 0; round < MAX_ANSWER_ROUNDS; round++) {
    await caughtUp()
    if ((await sales.answer()) === 0) return
  }
  throw new Error('an answer caused a question, again and again')
}

async function differencesIn({ sales, letters, log, host, database }: World): Promise<string[]> {
  const { warehouse } = host
  const openDeadLetters = [...sales.expectedLetters(), ...letters]
  const found = await checkOracle({
    books: sales.books(),
    log,
    warehouse,
    database,
    tenants: [TENANT],
    openDeadLetters,
  })
  return [...found, ...sales.unasked()]
}
