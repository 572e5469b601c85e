/** Facts as rows of ClickHouse. What was not told is empty text, or null where that could be taken for a figure. */
import type { CustomerEvent, ProductEvent, RateEvent } from '../../core/contracts/facts.ts'
import type { AnnotationEvent, TargetEvent } from '../../core/contracts/notes.ts'
import type { LogRecord } from '../../core/log/event-log.ts'

export type Row = Record<string, string | number | null | string[]>

/** Above every version: a merge must keep the row of an erasure even if its version is an old one. */
const ERASED = 2n ** 63n

/** `erasedAt`: the person was forgotten, by this event or another; nothing personal is written then. */
export function customerRow(event: CustomerEvent, erasedAt: string | null): Row {
  const { tenant, source, version } = event
  const head = { tenant, source, customer: event.customerId, version, changed_at: event.changedAt }
  if (erasedAt !== null) return { ...head, precedence: String(ERASED + BigInt(version)), erased_at: erasedAt }
  return {
    ...head,
    precedence: version,
    external_customer: event.externalCustomerId,
    name: event.name ?? '',
    email: event.email ?? '',
    phone: event.phone ?? '',
    country: event.country ?? '',
    region: event.region ?? '',
    created_at: event.createdAt,
  }
}

export function productRow(event: ProductEvent): Row {
  const { tenant, source, sku, version, name, price, cost, stock } = event
  return {
    tenant,
    source,
    sku,
    version,
    changed_at: event.changedAt,
    name,
    category_path: event.categoryPath,
    currency: event.currency ?? '',
    price,
    cost,
    stock,
    reorder_point: event.reorderPoint,
  }
}

export function rateRow(event: RateEvent, record: Pick<LogRecord, 'appendedAt' | 'offset'>): Row {
  const { tenant, base, quote, day, rate, provider } = event
  return { tenant, base, quote, day, rate, provider, version: placeOf(record) }
}

export function annotationRow(event: AnnotationEvent, record: Pick<LogRecord, 'appendedAt' | 'offset'>): Row {
  const { tenant, id, kind, at, until, text, by, removed } = event
  return { tenant, id, kind, at, until, text, by, removed: Number(removed), version: placeOf(record) }
}

export function targetRow(event: TargetEvent, record: Pick<LogRecord, 'appendedAt' | 'offset'>): Row {
  const { tenant, series, period, amount, by, removed } = event
  const head = { tenant, series, period, from_day: event.from, amount, currency: event.currency ?? '', by }
  return { ...head, removed: Number(removed), version: placeOf(record) }
}

const OFFSETS_A_MS = 2n ** 20n

/** Rates and notes have no version of their own; the later append wins, also after the log was made anew and its offsets with it. */
function placeOf({ appendedAt, offset }: Pick<LogRecord, 'appendedAt' | 'offset'>): string {
  return String(BigInt(appendedAt) * OFFSETS_A_MS + (BigInt(offset) % OFFSETS_A_MS))
}
