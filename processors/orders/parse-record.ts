/** A record of the `orders` topic to an event, or to the dead letter that it becomes. Judged once, here. */
import { ZodError } from 'zod'
import { type DeadLetter, MAX_PAYLOAD_CHARS } from '../../core/contracts/dead-letters.ts'
import { type OrdersTopicEvent, parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { futureDate } from './future-date.ts'

export type ParsedRecord = { event: OrdersTopicEvent } | { letter: DeadLetter }

export function parseRecord(record: LogRecord, context: BatchContext): ParsedRecord {
  let raw: unknown
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(record.value))
  } catch (error) {
    return { letter: letterOf(record, context, 'unreadable', errorMessage(error), undefined) }
  }
  try {
    const event = parseOrdersTopicEvent(raw)
    const problem = context.tenants.has(event.tenant)
      ? futureDate(event, record.appendedAt)
      : `tenant ${event.tenant} is not configured`
    return problem === undefined ? { event } : { letter: letterOf(record, context, 'invalid', problem, raw) }
  } catch (error) {
    return { letter: letterOf(record, context, 'invalid', explain(error), raw) }
  }
}

/** Made from the record alone, so that the same record gives the same letter after a crash. */
export function letterOf(
  record: LogRecord,
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
