/** What the cases share: a fresh log for each, small records, and reading all there is. */
import { afterEach, beforeEach } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import type { EventLog, LogRecord, NewRecord } from '../event-log.ts'

export const TOPIC = 'orders'
export const PARTITIONS = 3

export interface Bench {
  /** A handle on a log that has TOPIC. */
  log: EventLog
  /** Another handle on the same log. */
  another(): Promise<EventLog>
}

/** To be called inside a `describe`: the object returned is filled anew before each test. */
export function useLog(open: () => Promise<LogUnderTest>): Bench {
  let place: LogUnderTest
  let handles: EventLog[]
  const openHandle = async () => {
    const handle = await place.openHandle()
    handles.push(handle)
    return handle
  }
  const bench: Bench = { log: undefined as unknown as EventLog, another: openHandle }
  beforeEach(async () => {
    place = await open()
    handles = []
    bench.log = await openHandle()
    await bench.log.ensureTopic(TOPIC, { partitions: PARTITIONS, retentionMs: 1000 })
  })
  afterEach(async () => {
    for (const handle of handles) await handle.close()
    await place.dispose()
  })
  return bench
}

export function record(partition: number, text: string, key = 'k'): NewRecord {
  return { partition, key, value: Buffer.from(text), contentType: 'application/json' }
}

export function texts(records: readonly LogRecord[]): string[] {
  return records.map(({ value }) => Buffer.from(value).toString())
}

/** All records from `offset` (by default the oldest) to the end, in small reads. */
export async function readAll(log: EventLog, partition: number, offset?: number): Promise<LogRecord[]> {
  let at = offset ?? (await log.bounds(TOPIC, partition)).first
  const all: LogRecord[] = []
  for (;;) {
    const some = await log.read(TOPIC, partition, at, { maxRecords: 700, maxBytes: 1024 * 1024 })
    if (some.length === 0) return all
    all.push(...some)
    at = some.at(-1)!.offset + 1
  }
}

/** The code that a promise rejects with; undefined when it does not. */
export async function rejectionCode(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error) => (error as { code?: unknown }).code,
  )
}
