/**
 * Appends gather for a few milliseconds or a megabyte and go in one send; while one is under way the next ones gather, and
 * never are two. That keeps the order, and lets Kafka know a repeated send by its sequence number.
 */
import { CompressionTypes, type Message, type Producer, type RecordMetadata } from 'kafkajs'
import { errorMessage, RevwallError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { AppendResult, NewRecord } from '../event-log.ts'
import { CONTENT_TYPE_HEADER } from './decode-batches.ts'
import { LINGER_MS, MAX_WAITING_BYTES, RECORD_OVERHEAD_BYTES, SEND_BYTES } from './limits.ts'

export interface AppendQueue {
  add(topic: string, records: readonly NewRecord[]): Promise<AppendResult[]>
  /** The next send is by a producer that knows of new partitions. */
  renewProducer(): void
  /** Sends what waits, then ends. */
  close(): Promise<void>
}

export interface AppendParts {
  /** A connected one, with a number of its own at Kafka. */
  openProducer(): Promise<Producer>
  asLogError(error: unknown): unknown
  logger: Logger
}

interface Append {
  topic: string
  records: readonly NewRecord[]
  /** How many of the records are in a send that was made up. */
  taken: number
  /** How many of them Kafka has. */
  landed: number
  isFailed: boolean
  bytes: number
  results: Map<number, AppendResult>
  resolve(results: AppendResult[]): void
  reject(error: unknown): void
}

/** Consecutive records of one append. */
interface Slice {
  append: Append
  from: number
  to: number
}

export function createAppendQueue({ openProducer, asLogError, logger }: AppendParts): AppendQueue {
  const waiting: Append[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let producer: Producer | undefined
  let isRenewed = false

  const send = () => {
    clearTimeout(timer)
    timer = undefined
    sending ??= sendAll().finally(() => {
      sending = undefined
    })
    return sending
  }
  const sendAll = async () => {
    while (waiting.length > 0) {
      const slices = takeSlices(waiting)
      try {
        if (isRenewed) await forgetProducer()
        isRenewed = false
        producer ??= await openProducer()
        settle(slices, await sendOnce(producer, slices))
      } catch (error) {
        fail(slices, asLogError(error))
        await forgetProducer()
      }
      for (const { append } of slices) if (isDone(append)) waitingBytes -= append.bytes
    }
  }
  /**
   * What failed may be in Kafka all the same, under a sequence number that kafkajs would use again: Kafka would take the
   * next records for those, and drop them. A producer with another number has sequences of its own.
   */
  const forgetProducer = async () => {
    const former = producer
    producer = undefined
    await former?.disconnect().catch((error) => {
      logger.debug('a producer was not closed in order', { why: errorMessage(error) })
    })
  }
  const fail = (slices: readonly Slice[], error: unknown) => {
    for (const { append } of slices) {
      append.isFailed = true
      append.reject(error)
      // The rest of it would stand behind a hole.
      if (waiting[0] === append) waiting.shift()
    }
  }

  return {
    add: (topic, records) =>
      new Promise((resolve, reject) => {
        const bytes = records.reduce((sum, record) => sum + bytesOf(record), 0)
        if (waitingBytes > 0 && waitingBytes + bytes > MAX_WAITING_BYTES) return reject(tooMuch())
        const state = { taken: 0, landed: 0, isFailed: false, results: new Map() }
        waiting.push({ topic, records, bytes, ...state, resolve, reject })
        waitingBytes += bytes
        if (sending !== undefined) return
        if (waitingBytes >= SEND_BYTES) void send()
        else timer ??= setTimeout(send, LINGER_MS)
      }),
    renewProducer: () => {
      isRenewed = true
    },
    close: async () => {
      await send()
      await forgetProducer()
    },
  }
}

function isDone({ isFailed, landed, records }: Append): boolean {
  return isFailed || landed === records.length
}

/** From the front of the queue as much as one send takes; an append that is longer stays there. */
function takeSlices(waiting: Append[]): Slice[] {
  const slices: Slice[] = []
  let bytes = 0
  while (waiting.length > 0) {
    const append = waiting[0]!
    const from = append.taken
    while (append.taken < append.records.length) {
      const more = bytesOf(append.records[append.taken]!)
      if (bytes > 0 && bytes + more > SEND_BYTES) break
      bytes += more
      append.taken += 1
    }
    if (append.taken > from) slices.push({ append, from, to: append.taken })
    if (append.taken < append.records.length) return slices
    waiting.shift()
  }
  return slices
}

export function bytesOf({ key, value }: NewRecord): number {
  // A character of a key may take three bytes, hardly ever does.
  return key.length + value.byteLength + RECORD_OVERHEAD_BYTES
}

/** Base offsets by topic and partition. */
export type Landed = Map<string, number>

async function sendOnce(producer: Producer, slices: readonly Slice[]): Promise<Landed> {
  const topics = new Map<string, Message[]>()
  for (const { append, from, to } of slices) {
    const messages = topics.get(append.topic) ?? []
    for (let n = from; n < to; n++) messages.push(messageOf(append.records[n]!))
    topics.set(append.topic, messages)
  }
  const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages }))
  const answer = await producer.sendBatch({ acks: -1, compression: CompressionTypes.None, topicMessages })
  return checkLanded(topicMessages, answer)
}

/**
 * kafkajs leaves out silently what is for a partition that it does not know, and what moved to a broker that had
 * answered already: so each partition must be in the answer.
 */
export function checkLanded(
  sent: readonly { topic: string; messages: Message[] }[],
  answer: readonly RecordMetadata[],
): Landed {
  const landed: Landed = new Map()
  for (const { topicName, partition, baseOffset } of answer)
    landed.set(`${topicName}/${partition}`, Number(baseOffset))
  for (const { topic, messages } of sent)
    for (const { partition } of messages)
      if (!landed.has(`${topic}/${partition}`))
        throw new RevwallError(
          'LOG_UNREACHABLE',
          `Kafka has not taken the records for ${topic}/${partition}.`,
        )
  return landed
}

/** Records of one partition lie one behind the other, in the order in which they were sent. */
function settle(slices: readonly Slice[], landed: Landed): void {
  for (const { append, from, to } of slices) {
    for (let n = from; n < to; n++) {
      const { partition } = append.records[n]!
      const place = `${append.topic}/${partition}`
      const offset = landed.get(place)!
      landed.set(place, offset + 1)
      const result = append.results.get(partition)
      if (result) result.count += 1
      else append.results.set(partition, { partition, baseOffset: offset, count: 1 })
    }
    append.landed = to
    if (to === append.records.length) append.resolve([...append.results.values()])
  }
}

export function messageOf({ partition, key, value, contentType }: NewRecord): Message {
  const message = { partition, key: Buffer.from(key, 'utf8'), value: asBuffer(value) }
  return contentType === 'application/json'
    ? message
    : { ...message, headers: { [CONTENT_TYPE_HEADER]: contentType } }
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function tooMuch(): RevwallError {
  const message = `More than ${MAX_WAITING_BYTES} bytes wait for Kafka: it takes them more slowly than they come. Nothing of this was appended; send it again.`
  return new RevwallError('LOG_FULL', message)
}
