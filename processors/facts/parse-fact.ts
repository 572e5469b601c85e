/** A record of a facts topic to its event, or to the dead letter that it becomes. */
import type { ZodError } from 'zod'
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import {
  type CustomerEvent,
  customerEvent,
  type ProductEvent,
  productEvent,
  type RateEvent,
  rateEvent,
} from '../../core/contracts/facts.ts'
import { type NoteEvent, noteEvent } from '../../core/contracts/notes.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { letterOf } from '../orders/parse-record.ts'

export type FactEvent = CustomerEvent | ProductEvent | RateEvent | NoteEvent

/** The topics that are stored, with what may stand on them. */
const SCHEMAS = {
  customers: customerEvent,
  products: productEvent,
  rates: rateEvent,
  notes: noteEvent,
} as const
export type FactTopic = keyof typeof SCHEMAS
export const FACT_TOPICS = Object.keys(SCHEMAS) as FactTopic[]

export interface FactContext {
  topic: FactTopic
  partition: number
  incarnation: string
  tenants: ReadonlyMap<string, unknown>
}

export function parseFact(
  record: LogRecord,
  context: FactContext,
): { event: FactEvent } | { letter: DeadLetter } {
  const letter = (reason: DeadLetter['reason'], detail: string, raw?: unknown) => ({
    letter: letterOf(record, context, reason, detail, raw),
  })
  let raw: unknown
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(record.value))
  } catch {
    // The parser's own words quote the record, which may be about a person; analysts read the details of letters.
    return letter('unreadable', 'not JSON in UTF-8')
  }
  const parsed = SCHEMAS[context.topic].safeParse(raw)
  if (!parsed.success) return letter('invalid', explain(parsed.error), raw)
  const event = parsed.data
  if (context.tenants.has(event.tenant)) return { event }
  return letter('invalid', `tenant ${event.tenant} is not configured`, raw)
}

function explain(error: ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`).join('; ')
}
