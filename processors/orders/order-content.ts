/**
 * A snapshot of an order in exact integers, as the fold works with it, and its hash. The content covers canonical
 * fields only: never fetch times, defaults of the wire or the version itself, so that the same order read twice is the
 * same content.
 */
import { CompactWriter } from '../../core/contracts/compact/compact-writer.ts'
import { writeCompactOrder } from '../../core/contracts/compact/encode-order.ts'
import { hashBytes } from '../../core/contracts/compact/hash-bytes.ts'
import { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import { MAX_AMOUNT_E4, multiplyE4, toE4 } from '../../core/contracts/money.ts'
import type { OrderEvent, OrderLine } from '../../core/contracts/order.ts'
import { statusCounts } from '../../core/contracts/status.ts'
import { RevwallError } from '../../core/runtime/errors.ts'

/** All amounts in 1/10,000 units, all instants in ms since the epoch. */
export interface OrderContent {
  kind: string
  status: string
  counts: boolean
  references: { system: string; id: string }[]
  placedAt: number
  paidAt: number | null
  cancelledAt: number | null
  customer: string
  currency: string
  region: string
  state: string
  country: string
  channel: string
  salesRep: string
  discount: number | null
  shipping: number | null
  tax: number | null
  statedTotal: number | null
  /** Before refunds: as stated, else computed. */
  gross: number
  units: number
  paymentFingerprint: string
  shipToHash: string
  lines: ContentLine[]
}

/** An order as its source knew it at one version, without its lists. */
export interface Snapshot {
  tenant: string
  source: string
  orderId: string
  role: string
  version: number
  changedAt: number
  /** The answer to a re-read. */
  settles: boolean
  content: OrderContent
  hash: string
}

/** Throws `ORDER_TOO_LARGE`. */
export function snapshotOf(event: OrderEvent): Snapshot {
  const { tenant, source, orderId, role, version } = event
  return {
    tenant,
    source,
    orderId,
    role,
    version,
    changedAt: Date.parse(event.changedAt),
    settles: event.rereadOf !== null,
    content: contentOf(event),
    hash: contentHash(event),
  }
}

export interface ContentLine {
  sku: string
  name: string
  category: string
  quantity: number
  unitPrice: number
  unitCost: number | null
  amount: number
}

/** Throws `ORDER_TOO_LARGE` where a total leaves the range in which integers are exact. */
export function contentOf(event: OrderEvent): OrderContent {
  const lines = event.lines.map(lineOf)
  const statedTotal = optionalE4(event.total)
  const computed = computeGross(event, lines)
  return {
    kind: event.kind,
    status: event.status,
    counts: statusCounts(event.status),
    references: event.references,
    placedAt: Date.parse(event.placedAt),
    paidAt: optionalInstant(event.paidAt),
    cancelledAt: optionalInstant(event.cancelledAt),
    customer: event.customerId ?? '',
    currency: event.currency,
    region: event.region ?? '',
    state: event.state ?? '',
    country: event.country ?? '',
    channel: event.channel ?? '',
    salesRep: event.salesRep ?? '',
    discount: optionalE4(event.discount),
    shipping: optionalE4(event.shipping),
    tax: optionalE4(event.tax),
    statedTotal,
    gross: bounded(statedTotal ?? computed),
    units: bounded(lines.reduce((sum, line) => sum + line.quantity, 0)),
    paymentFingerprint: event.paymentFingerprint ?? '',
    shipToHash: event.shipToHash ?? '',
    lines,
  }
}

/** What the lines add up to differs from what the source states: believed, but worth a warning. */
export function totalDiffers(event: OrderEvent, content: OrderContent): boolean {
  return content.statedTotal !== null && content.statedTotal !== computeGross(event, content.lines)
}

/**
 * 16 hex digits over the content and the lists that the snapshot carries: over the canonical part of its compact form,
 * which is the same bytes whichever way the record was written.
 */
export function contentHash(event: OrderEvent): string {
  writeCompactOrder(writer, event)
  scan.readTrusted(writer.bytes, 0, writer.length)
  hashBytes(writer.bytes, scan.contentStart, writer.length, CONTENT_SEED, hash)
  return [hash.high, hash.low].map((half) => half.toString(16).padStart(8, '0')).join('')
}

export const CONTENT_SEED = 0x636f_6e74
const writer = new CompactWriter()
const scan = new CompactScan()
const hash = { high: 0, low: 0 }

function lineOf(line: OrderLine): ContentLine {
  const quantity = toE4(line.quantity)
  const unitPrice = toE4(line.unitPrice)
  return {
    sku: line.sku,
    name: line.name,
    category: line.category ?? '',
    quantity,
    unitPrice,
    unitCost: optionalE4(line.unitCost),
    amount: bounded(line.amount === null ? multiplyE4(quantity, unitPrice) : toE4(line.amount)),
  }
}

function computeGross(event: OrderEvent, lines: readonly ContentLine[]): number {
  const sum = lines.reduce((total, line) => total + line.amount, 0)
  return bounded(
    sum -
      (optionalE4(event.discount) ?? 0) +
      (optionalE4(event.shipping) ?? 0) +
      (optionalE4(event.tax) ?? 0),
  )
}

function bounded(valueE4: number): number {
  if (Math.abs(valueE4) < MAX_AMOUNT_E4) return valueE4
  throw new RevwallError('ORDER_TOO_LARGE', 'an amount or quantity of the order reaches 10^11')
}

function optionalE4(text: string | null): number | null {
  return text === null ? null : toE4(text)
}

function optionalInstant(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
