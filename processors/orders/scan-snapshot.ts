/** The snapshot that an ordinary compact order is (derive-first.ts), without an event in between. */
import {
  HAS,
  LINE_CATEGORY,
  LINE_COST,
  OPTIONAL_AMOUNTS,
  OPTIONAL_TEXTS,
} from '../../core/contracts/compact/layout.ts'
import type { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import { ORDER_KINDS, STREAM_ROLES } from '../../core/contracts/order.ts'
import { ORDER_STATUSES } from '../../core/contracts/status.ts'
import type { Derived } from './derive-first.ts'
import type { ContentLine, OrderContent, Snapshot } from './order-content.ts'
import { textOf } from './order-key.ts'

/** `derived` must have been filled from this scan. */
export function scanSnapshot(scan: CompactScan, derived: Derived): Snapshot {
  const { bytes } = scan
  return {
    tenant: textOf(bytes, scan.tenant.start, scan.tenant.end),
    source: textOf(bytes, scan.source.start, scan.source.end),
    orderId: textOf(bytes, scan.orderId.start, scan.orderId.end),
    role: STREAM_ROLES[scan.role]!,
    version: scan.version,
    changedAt: scan.changedAt,
    settles: scan.rereadOf.end > 0,
    content: contentOfScan(scan, derived),
    hash: textOf(derived.hashHex, 0, derived.hashHex.length),
  }
}

function contentOfScan(scan: CompactScan, derived: Derived): OrderContent {
  const { bytes, has } = scan
  const text = (field: (typeof OPTIONAL_TEXTS)[number]) => {
    const { start, end } = scan.texts[OPTIONAL_TEXTS.indexOf(field)]!
    return textOf(bytes, start, end)
  }
  const amount = (field: (typeof OPTIONAL_AMOUNTS)[number]) =>
    has & HAS[field] ? scan.amounts[OPTIONAL_AMOUNTS.indexOf(field)]! : null
  return {
    kind: ORDER_KINDS[scan.kind]!,
    status: ORDER_STATUSES[scan.status]!,
    counts: derived.counts,
    references: referencesOf(scan),
    placedAt: scan.placedAt,
    paidAt: has & HAS.paidAt ? scan.paidAt : null,
    cancelledAt: has & HAS.cancelledAt ? scan.cancelledAt : null,
    customer: text('customerId'),
    currency: textOf(bytes, scan.currency.start, scan.currency.end),
    region: text('region'),
    state: text('state'),
    country: text('country'),
    channel: text('channel'),
    salesRep: text('salesRep'),
    discount: amount('discount'),
    shipping: amount('shipping'),
    tax: amount('tax'),
    statedTotal: amount('total'),
    gross: derived.gross,
    units: derived.units,
    paymentFingerprint: text('paymentFingerprint'),
    shipToHash: text('shipToHash'),
    lines: linesOf(scan, derived),
  }
}

function referencesOf(scan: CompactScan): OrderContent['references'] {
  if (scan.references === 0) return []
  const ends = scan.at
  const span = { start: 0, end: 0 }
  const next = () => {
    scan.text(span)
    return textOf(scan.bytes, span.start, span.end)
  }
  scan.at = scan.referencesAt
  const references = Array.from({ length: scan.references }, () => ({ system: next(), id: next() }))
  scan.at = ends
  return references
}

function linesOf(scan: CompactScan, derived: Derived): ContentLine[] {
  const { bytes, lineSpans, lineBits } = scan
  const lines: ContentLine[] = []
  for (let line = 0; line < scan.lines; line++) {
    const at = line * 6
    const bits = lineBits[line]!
    lines.push({
      sku: textOf(bytes, lineSpans[at]!, lineSpans[at + 1]!),
      name: textOf(bytes, lineSpans[at + 2]!, lineSpans[at + 3]!),
      category: bits & LINE_CATEGORY ? textOf(bytes, lineSpans[at + 4]!, lineSpans[at + 5]!) : '',
      quantity: scan.lineQuantity[line]!,
      unitPrice: scan.lineUnitPrice[line]!,
      unitCost: bits & LINE_COST ? scan.lineUnitCost[line]! : null,
      amount: derived.lineAmount[line]!,
    })
  }
  return lines
}
