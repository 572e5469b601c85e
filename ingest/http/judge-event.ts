/** The judgement at the edge: what passes here is trusted inside. Whoever sent it is told what is wrong, and where. */
import type { z } from 'zod'
import { ORDER_FACT_TYPES, parseOrderFact } from '../../core/contracts/compiled-events.ts'
import type { OrderFact } from '../../core/contracts/events.ts'
import { futureDate } from '../../core/contracts/future-date.ts'
import { quotable } from './ingest-error.ts'

export const REJECTION_CODES = [
  /** A line that is not JSON, or not UTF-8, or too long or too deep. */
  'UNREADABLE',
  /** Not what the contract says. */
  'INVALID',
  /** Of a tenant that is not the key's. */
  'OTHER_TENANT',
  /** A date after tomorrow. */
  'FUTURE_DATE',
  'TOO_LARGE',
] as const
export type RejectionCode = (typeof REJECTION_CODES)[number]

export interface Fault {
  code: RejectionCode
  message: string
}

/** `tenant` is the key's; an event may leave out its own and its `schemaVersion`. */
export function judgeEvent(raw: unknown, tenant: string, nowMs: number): OrderFact | Fault {
  const claimed = givenOf(raw, tenant)
  if ('code' in claimed) return claimed
  const given = claimed.event
  const parsed = parseOrderFact(given)
  if (parsed === undefined) return { code: 'INVALID', message: `type: one of ${ORDER_FACT_TYPES.join(', ')}` }
  if (!parsed.success) return { code: 'INVALID', message: explain(parsed.error, given) }
  const future = futureDate(parsed.data, nowMs)
  return future === undefined ? parsed.data : { code: 'FUTURE_DATE', message: quotable(future) }
}

/** The same before it is held to a contract. */
export function givenOf(raw: unknown, tenant: string): { event: Record<string, unknown> } | Fault {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return { code: 'INVALID', message: 'an event is a JSON object' }
  // Spreading defines keys and never sets them: a key `__proto__` stays one, and the schema drops it.
  const event = { schemaVersion: 1, tenant, ...raw } as Record<string, unknown>
  if (event.tenant === tenant) return { event }
  return { code: 'OTHER_TENANT', message: `tenant: the key is for ${tenant}; leave it out or write that` }
}

/** The order it is about, to be told beside its fault: as it came, but short. */
export function claimedId(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, 'orderId')) return undefined
  const { orderId } = raw as { orderId: unknown }
  return typeof orderId === 'string' ? quotable(orderId, 200) : undefined
}

const MAX_ISSUES_TOLD = 5

export function explain(error: z.ZodError, given: unknown): string {
  const told = error.issues.slice(0, MAX_ISSUES_TOLD).map((issue) => {
    const where = issue.path.map(String).join('.')
    return `${where}: ${issue.message}${hintFor(issue, valueAt(given, issue.path))}`
  })
  const more = error.issues.length - told.length
  return quotable([...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; '), 1_000)
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    given,
  )
}

/** The two mistakes that everybody makes with amounts. */
function hintFor(issue: z.core.$ZodIssue, value: unknown): string {
  if (typeof value === 'number' && issue.code === 'invalid_type' && issue.expected === 'string')
    return ` (amounts are text, so that no cent is lost: "${value}")`
  if (typeof value === 'string' && value.length < 40 && /^[-+]?[\d.,' ]*,[\d.,' ]*$/.test(value))
    return ' (write 1234.56: a point before the decimals, nothing between the thousands)'
  return ''
}
