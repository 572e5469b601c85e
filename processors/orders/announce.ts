/** What a batch tells others through the log: dead letters, commands, and the notice that wakes the live hubs. */
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { CommittedBatch } from '../../core/contracts/committed-batch.ts'
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { EventLog, NewRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { sendEvents } from '../send-events.ts'
import type { BatchContext, ComputedBatch } from './batch.ts'

const MAX_TOUCHED_TENANTS = 1_000
const MAX_TOUCHED_DAYS = 400

export async function sendDeadLetters(log: EventLog, letters: readonly DeadLetter[]): Promise<void> {
  await sendEvents(
    log,
    'dead-letters',
    letters.map((letter) => ({ key: letter.origin, value: letter })),
  )
}

export async function sendRereads(log: EventLog, commands: readonly RereadOrder[]): Promise<void> {
  await sendEvents(
    log,
    'commands',
    commands.map((command) => ({ key: command.tenant, value: command })),
  )
}

/**
 * To the partition that has the order's state. Should it be sent twice, the fold has seen its content; what cannot be taken
 * leaves two letters then.
 */
export async function sendMisplaced(
  log: EventLog,
  topic: string,
  from: number,
  misplaced: ComputedBatch['misplaced'],
): Promise<void> {
  for (let sent = 0; sent < misplaced.length; ) {
    const records = await log.read(topic, from, misplaced[sent]!.offset, MISPLACED_LIMITS)
    const byOffset = new Map(records.map((record) => [record.offset, record]))
    const there: NewRecord[] = []
    for (; sent < misplaced.length; sent++) {
      const { offset, partition } = misplaced[sent]!
      const record = byOffset.get(offset)
      if (record === undefined) break
      const { key, value, contentType } = record
      there.push({ partition, key, value, contentType })
    }
    if (there.length === 0)
      throw new RevwallError(
        'LOG_CORRUPT',
        `${topic}/${from} has no offset ${misplaced[sent]!.offset} any more`,
      )
    await log.append(topic, there)
  }
}

const MISPLACED_LIMITS = { maxRecords: 10_000, maxBytes: 8 * 2 ** 20 }

export async function announceBatch(
  log: EventLog,
  batch: ComputedBatch,
  { run, topic, partition }: BatchContext,
  { now, appendedAt }: { now: number; appendedAt: number },
): Promise<void> {
  const touched = [...batch.touched]
  const everything =
    touched.length > MAX_TOUCHED_TENANTS || touched.some(([, days]) => days.size > MAX_TOUCHED_DAYS)
  const notice: CommittedBatch = {
    type: 'committed-batch',
    schemaVersion: 1,
    run,
    topic,
    partition,
    first: batch.first,
    last: batch.last,
    rows: batch.rows - 1,
    at: new Date(now).toISOString(),
    appendedAt: new Date(appendedAt).toISOString(),
    touched: everything ? [] : touched.map(([tenant, days]) => ({ tenant, days: [...days].map(formatDay) })),
    everything,
  }
  await sendEvents(log, 'committed-batches', [{ key: `${topic}/${partition}`, value: notice }])
}
