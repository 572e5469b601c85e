/** The embedded log to Kafka: every topic, each record at the offset it had, read back and compared. */
import { createHash } from 'node:crypto'
import { TOPICS, type Topic } from '../../core/contracts/topics.ts'
import type { EventLog, LogRecord, PartitionBounds } from '../../core/log/event-log.ts'
import type { KafkaCopy } from '../../core/log/kafka/copy-into-kafka.ts'
import type { Config } from '../../core/runtime/env.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import { progressLine } from '../back-up/progress.ts'
import { optionsOf } from '../open-log.ts'

export interface CopyLogOptions {
  config: Config
  from: EventLog
  to: KafkaCopy
  print: (line: string) => void
  signal: AbortSignal
}

export interface CopiedPartition extends PartitionBounds {
  topic: string
  partition: number
  records: number
  /** Of offsets, times, keys, types and bytes; hexadecimal. */
  sha256: string
}

/** Half a minute's work, about. */
const MANY_TRIMMED = 500_000
const LIMITS = { maxRecords: 10_000, maxBytes: 8 * 2 ** 20 }

/** Throws `MOVE_LOG_APART`, `MOVE_STOPPED`, and what a log throws. */
export async function copyLog(options: CopyLogOptions): Promise<CopiedPartition[]> {
  const { from, to, config, print, signal } = options
  const copied: CopiedPartition[] = []
  const told = progressLine('the log', await from.sizes?.bytes(), print)
  let bytes = 0
  for (const topic of topicsOf(from)) {
    const partitions = from.partitions(topic.name)
    const bounds = await boundsOf(from, topic.name, partitions)
    const trimmed = bounds.reduce((sum, { first }) => sum + first, 0)
    if (trimmed > MANY_TRIMMED) print(`${topic.name}: ${trimmed} offsets that were trimmed are filled …`)
    await to.addTopic(topic.name, { ...optionsOf(topic, { ...config, partitions }), partitions }, bounds)
    for (const [partition, one] of bounds.entries()) {
      const place = { topic: topic.name, partition, ...one }
      const sum = await sumRecords(from, place, signal, async (records) => {
        await to.append(topic.name, partition, records)
        bytes += records.reduce((all, { value }) => all + value.length, 0)
        told(bytes)
      })
      copied.push({ ...place, ...sum })
    }
  }
  await compare(copied, options)
  return copied
}

/** Reads all of it again, at Kafka. */
async function compare(
  copied: readonly CopiedPartition[],
  { to, print, signal }: CopyLogOptions,
): Promise<void> {
  const told = progressLine('the log at Kafka, read again', undefined, print)
  for (const was of copied) {
    const { topic, partition } = was
    const bounds = await to.log.bounds(topic, partition)
    const is = await sumRecords(to.log, { topic, partition, ...bounds }, signal, async (records) =>
      told(records.reduce((all, { value }) => all + value.length, 0)),
    )
    if (bounds.first !== was.first || bounds.next !== was.next || is.sha256 !== was.sha256)
      throw apart(was, { ...bounds, ...is })
  }
}

/** Whatever topics an older version has not made are made by who opens the copy. */
function topicsOf(log: EventLog): Topic[] {
  return Object.values(TOPICS).filter(({ name }) => {
    try {
      return log.partitions(name) > 0
    } catch (error) {
      if (errorCode(error) === 'LOG_UNKNOWN_TOPIC') return false
      throw error
    }
  })
}

function boundsOf(log: EventLog, topic: string, partitions: number): Promise<PartitionBounds[]> {
  return Promise.all(Array.from({ length: partitions }, (_, partition) => log.bounds(topic, partition)))
}

interface Range extends PartitionBounds {
  topic: string
  partition: number
}

async function sumRecords(
  log: EventLog,
  { topic, partition, first, next }: Range,
  signal: AbortSignal,
  onRecords: (records: LogRecord[]) => Promise<void>,
): Promise<{ records: number; sha256: string }> {
  const hash = createHash('sha256')
  let count = 0
  for (let at = first; at < next; ) {
    if (signal.aborted) throw stopped()
    const records = await log.read(topic, partition, at, LIMITS)
    if (records.length === 0) break
    for (const { offset, appendedAt, contentType, key, value } of records) {
      hash.update(`${offset} ${appendedAt} ${contentType} ${key.length} ${value.length} ${key}\n`)
      hash.update(value)
    }
    await onRecords(records)
    count += records.length
    at = records.at(-1)!.offset + 1
  }
  return { records: count, sha256: hash.digest('hex') }
}

export const stopped = () =>
  new RevwallError('MOVE_STOPPED', 'It was stopped, and nothing was moved. Run it again; it begins anew.')

function apart(was: CopiedPartition, is: PartitionBounds & { records: number; sha256: string }) {
  const tell = ({ first, next, records, sha256 }: typeof is) =>
    `${records} records at offsets ${first} to ${next - 1} (${sha256.slice(0, 16)})`
  return new RevwallError(
    'MOVE_LOG_APART',
    `${was.topic}/${was.partition} had ${tell(was)}, and has ${tell(is)} at Kafka: somebody else writes there. End it, then run ` +
      'revwall move again; it begins anew.',
  )
}
