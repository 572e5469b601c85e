/** A record of the `orders` topic to an event, or to the dead letter that it becomes. Judged once, here. */
import { ZodError } from 'zod'
import { decodeScanned } from '../../core/contracts/compact/decode-order.ts'
import { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import { parseOrderFact } from '../../core/contracts/compiled-events.ts'
import { type DeadLetter, MAX_PAYLOAD_CHARS } from '../../core/contracts/dead-letters.ts'
import { type OrdersTopicEvent, parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import { futureDate } from '../../core/contracts/future-date.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'

/** What is needed of a record. */
export type RecordView = Pick<LogRecord, 'offset' | 'value' | 'appendedAt'>
export type JudgedRecord = { event: OrdersTopicEvent } | { letter: DeadLetter }

/** A record as the log gives it, in either form. */
export function parseLogRecord(record: LogRecord, context: BatchContext): JudgedRecord {
  if (record.contentType === 'application/json') return parseRecord(record, context)
  const scan = new CompactScan()
  const fault = scan.read(record.value, 0, record.value.length)
  if (fault === undefined) return judgeCompact(scan, record, context)
  return { letter: letterOf(record, context, 'unreadable', fault, undefined) }
}

export function parseRecord(record: RecordView, context: BatchContext): JudgedRecord {
  let raw: unknown
  try {
    raw = JSON.parse(decoder.decode(record.value))
  } catch (error) {
    return { letter: letterOf(record, context, 'unreadable', errorMessage(error), undefined) }
  }
  return judgeEvent(raw, record, context)
}

/** The same of a compact record, of which the scan has read all. */
export function judgeCompact(scan: CompactScan, record: RecordView, context: BatchContext): JudgedRecord {
  let raw: unknown
  try {
    raw = decodeScanned(scan)
  } catch (error) {
    return { letter: letterOf(record, context, 'unreadable', errorMessage(error), undefined) }
  }
  return judgeEvent(raw, asJson(record, raw), context)
}

/** The record as people read it, and as it can be sent again: what was compact is JSON in a letter. */
export function asJson<Record extends { value: Uint8Array }>(record: Record, event: unknown): Record {
  return { ...record, value: Buffer.from(JSON.stringify(event)) }
}

function judgeEvent(raw: unknown, record: RecordView, context: BatchContext): JudgedRecord {
  try {
    const event = parseEvent(raw)
    const problem = context.tenants.has(event.tenant)
      ? futureDate(event, record.appendedAt)
      : `tenant ${event.tenant} is not configured`
    return problem === undefined ? { event } : { letter: letterOf(record, context, 'invalid', problem, raw) }
  } catch (error) {
    return { letter: letterOf(record, context, 'invalid', explain(error), raw) }
  }
}

/** Order facts are many, and judged by their compiled schemas. */
function parseEvent(raw: unknown): OrdersTopicEvent {
  const isObject = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  const fact = isObject ? parseOrderFact(raw as Record<string, unknown>) : undefined
  if (fact === undefined) return parseOrdersTopicEvent(raw)
  if (fact.success) return fact.data
  throw fact.error
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** What stands in a record; undefined where it cannot be read. */
export function rawOf(value: Uint8Array, isCompact: boolean): unknown {
  try {
    if (!isCompact) return JSON.parse(decoder.decode(value))
    const scan = new CompactScan()
    return scan.read(value, 0, value.length) === undefined ? decodeScanned(scan) : undefined
  } catch {
    // Without tenant and source a letter is still whole.
    return undefined
  }
}

/** Made from the record alone, so that the same record gives the same letter after a crash. */
export function letterOf(
  record: RecordView,
  context: Pick<BatchContext, 'topic' | 'incarnation' | 'partition'>,
  reason: DeadLetter['reason'],
  detail: string,
  raw: unknown,
): DeadLetter {
  return {
    type: 'dead-letter',
    schemaVersion: 1,
    tenant: nameIn(raw, 'tenant'),
    source: nameIn(raw, 'source'),
    origin: `${context.topic}:${context.incarnation}:${context.partition}:${record.offset}`,
    reason,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: error texts quote the input, control characters too.
    detail: detail.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 500),
    at: new Date(record.appendedAt).toISOString(),
    ...payloadOf(record.value),
  }
}

/**
 * The record whole, as text where it is text. Escaping may blow text up sixfold, so that what would pass the log's own
 * limit is kept as base64; the very largest is cut, and still stands whole in the log at its origin.
 */
function payloadOf(value: Uint8Array): Pick<DeadLetter, 'payload' | 'encoding'> {
  const bytes = Buffer.from(value)
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text, 'utf8').equals(bytes)
  if (isText && JSON.stringify(text).length <= MAX_PAYLOAD_CHARS) return { payload: text, encoding: 'utf8' }
  return { payload: bytes.toString('base64').slice(0, MAX_PAYLOAD_CHARS), encoding: 'base64' }
}

function nameIn(raw: unknown, field: string): string {
  const value = (raw as Record<string, unknown> | null | undefined)?.[field]
  return typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(value) ? value : ''
}

function explain(error: unknown): string {
  if (!(error instanceof ZodError)) return errorMessage(error)
  return error.issues.map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`).join('; ')
}
