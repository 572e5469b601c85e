/** A scanned compact order back to the event that it was made of, up to how texts of equal meaning are written. */
import { fromE4 } from '../money.ts'
import { ORDER_KINDS, type OrderEventInput, STREAM_ROLES } from '../order.ts'
import { ORDER_STATUSES } from '../status.ts'
import { HAS, LINE_AMOUNT, LINE_CATEGORY, LINE_COST, OPTIONAL_AMOUNTS, OPTIONAL_TEXTS } from './layout.ts'
import type { CompactScan, Span } from './scan-order.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Of the scan's present record. Values out of bounds are kept as they are: the schema judges them, as it judges JSON.
 * Throws TypeError where a text is no UTF-8, RangeError where an instant is none.
 */
export function decodeScanned(scan: CompactScan): OrderEventInput {
  const text = ({ start, end }: Span) => decoder.decode(scan.bytes.subarray(start, end))
  const optional = (i: number) => (scan.has & HAS[OPTIONAL_TEXTS[i]!] ? text(scan.texts[i]!) : null)
  const amount = (i: number) => (scan.has & HAS[OPTIONAL_AMOUNTS[i]!] ? fromE4(scan.amounts[i]!) : null)
  const [customerId, region, state, country, channel, salesRep, paymentFingerprint, shipToHash] =
    OPTIONAL_TEXTS.map((_, i) => optional(i)) as (string | null)[]
  const [discount, shipping, tax, total] = OPTIONAL_AMOUNTS.map((_, i) => amount(i)) as (string | null)[]
  return {
    type: 'order',
    schemaVersion: 1,
    tenant: text(scan.tenant),
    source: text(scan.source),
    orderId: text(scan.orderId),
    role: STREAM_ROLES[scan.role]!,
    version: scan.version,
    changedAt: instant(scan.changedAt),
    kind: ORDER_KINDS[scan.kind]!,
    status: ORDER_STATUSES[scan.status]!,
    placedAt: instant(scan.placedAt),
    paidAt: scan.has & HAS.paidAt ? instant(scan.paidAt) : null,
    cancelledAt: scan.has & HAS.cancelledAt ? instant(scan.cancelledAt) : null,
    customerId,
    currency: text(scan.currency),
    region,
    state,
    country,
    channel,
    salesRep,
    discount,
    shipping,
    tax,
    total,
    paymentFingerprint,
    shipToHash,
    ...listsOf(scan),
    lines: Array.from({ length: scan.lines }, (_, line) => lineOf(scan, line)),
    rereadOf: scan.rereadOf.end === 0 ? null : text(scan.rereadOf),
  }
}

/** Scans of their own kind: they stand before the lines, of which the scan knows all. */
function listsOf(scan: CompactScan) {
  const ends = scan.at
  const text = () => {
    const span: Span = { start: 0, end: 0 }
    scan.text(span)
    return decoder.decode(scan.bytes.subarray(span.start, span.end))
  }
  const at = () => instant(scan.varint())
  const money = () => fromE4(scan.zigzag())
  const items = <T>(length: number, item: () => T): T[] =>
    Array.from({ length: Math.min(length, scan.end - scan.at) }, item)
  const list = <T>(from: number, length: number, item: () => T): T[] => {
    scan.at = from
    return items(length, item)
  }
  const references = list(scan.referencesAt, scan.references, () => ({ system: text(), id: text() }))
  const payments = list(scan.paymentsAt, scan.payments, () => ({ id: text(), at: at(), amount: money() }))
  const refunds = list(scan.refundsAt, scan.refunds, () => ({
    id: text(),
    at: at(),
    amount: money(),
    lines: items(scan.varint(), () => ({ sku: text(), name: text(), quantity: money(), amount: money() })),
  }))
  const cancellations = list(scan.cancellationsAt, scan.cancellations, () => ({ id: text(), at: at() }))
  scan.at = ends
  return { references, payments, refunds, cancellations }
}

function lineOf(scan: CompactScan, line: number) {
  const bits = scan.lineBits[line]!
  const text = (at: number) =>
    decoder.decode(scan.bytes.subarray(scan.lineSpans[line * 6 + at], scan.lineSpans[line * 6 + at + 1]))
  return {
    sku: text(0),
    name: text(2),
    category: bits & LINE_CATEGORY ? text(4) : null,
    quantity: fromE4(scan.lineQuantity[line]!),
    unitPrice: fromE4(scan.lineUnitPrice[line]!),
    unitCost: bits & LINE_COST ? fromE4(scan.lineUnitCost[line]!) : null,
    amount: bits & LINE_AMOUNT ? fromE4(scan.lineAmount[line]!) : null,
  }
}

const instant = (ms: number) => new Date(ms).toISOString()
