/**
 * Why a source may seem silent that is not: the orders processor has not taken yet what it told, or it said itself that
 * nothing more will come.
 */
import type { Mark } from '../../../clickhouse/queries/read-marks.ts'
import { sourceHealth } from '../../../core/contracts/facts.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { parseRecord } from '../../../core/log/parse-record.ts'
import { errorCode } from '../../../core/runtime/errors.ts'

/** A record that waits for longer is not one of the moment. */
const BEHIND_MS = 5_000
/** Enough for the last word of some hundred sources. */
const HEALTH_RECORDS = 2_000
const HEALTH_BYTES = 4_000_000

/** Whether records wait behind the marks that should be taken by now. */
export async function isProcessorBehind(
  log: EventLog,
  topic: string,
  marks: readonly Mark[],
  wallMs: number,
): Promise<boolean> {
  for (const { partition, last } of marks) {
    const [waiting] = await readOne(log, topic, partition, last + 1)
    if (waiting !== undefined && wallMs - waiting.appendedAt > BEHIND_MS) return true
  }
  return false
}

/** What was trimmed before it was taken is looked for at the first record that is there. */
async function readOne(log: EventLog, topic: string, partition: number, offset: number) {
  const one = { maxRecords: 1, maxBytes: 1 }
  try {
    return await log.read(topic, partition, offset, one)
  } catch (error) {
    if (errorCode(error) !== 'LOG_TRIMMED') throw error
    return log.read(topic, partition, (await log.bounds(topic, partition)).first, one)
  }
}

/** By tenant: sources whose last word is that they ended. */
export async function readEndedSources(log: EventLog): Promise<Map<string, Set<string>>> {
  const { first, next } = await log.bounds('source-health', 0)
  const from = Math.max(first, next - HEALTH_RECORDS)
  const limits = { maxRecords: HEALTH_RECORDS, maxBytes: HEALTH_BYTES }
  const ended = new Map<string, Set<string>>()
  for (const record of await log.read('source-health', 0, from, limits)) {
    const health = parseRecord(record, sourceHealth)
    if (health === undefined) continue
    const { tenant, source, state } = health
    const own = ended.get(tenant) ?? new Set()
    if (state === 'ended') own.add(source)
    else own.delete(source)
    ended.set(tenant, own)
  }
  return ended
}
