/**
 * What follows from the first sighting of an order that carries no refunds, payments or cancellations: the fold
 * (fold-order.ts) for nine orders in ten, straight from the bytes. Whatever is out of the ordinary is left to the fold.
 */

import { isUtf8 } from 'node:buffer'
import { hashBytes } from '../../core/contracts/compact/hash-bytes.ts'
import { HAS, LINE_AMOUNT } from '../../core/contracts/compact/layout.ts'
import type { CompactScan, Span } from '../../core/contracts/compact/scan-order.ts'
import { MAX_AMOUNT_E4, multiplyE4 } from '../../core/contracts/money.ts'
import { MAX_LINES, ORDER_KINDS, STREAM_ROLES } from '../../core/contracts/order.ts'
import { ORDER_STATUSES, statusCounts } from '../../core/contracts/status.ts'
import type { LocalClock } from './local-clock.ts'
import { CONTENT_SEED } from './order-content.ts'

export class Derived {
  counts = false
  gross = 0
  units = 0
  computed = 0
  saleDay = 0
  saleHour = 0
  sightingAt = 0
  bookedAt = 0
  bookedDay = 0
  bookedHour = 0
  readonly lineAmount = new Float64Array(MAX_LINES)
  /** 16 hex digits, ASCII. */
  readonly hashHex = new Uint8Array(16)
}

const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
const TWO_DAYS_MS = 2 * 86_400_000
/** Of identifiers and of labels in characters; a byte is at most one. */
const MAX_ID = 200
const MAX_LABEL = 500
const SALE = STREAM_ROLES.indexOf('sale')
const COUNTS = ORDER_STATUSES.map(statusCounts)
const hash = { high: 0, low: 0 }

/** True where `into` is filled; false: the fold must judge. */
export function deriveFirst(
  scan: CompactScan,
  appendedAt: number,
  clock: LocalClock,
  into: Derived,
): boolean {
  if (!isOrdinary(scan, appendedAt) || !sumLines(scan, into)) return false
  const total = scan.has & HAS.total ? scan.amounts[3]! : into.computed
  if (!isAmount(total)) return false
  into.gross = total
  into.counts = COUNTS[scan.status]!
  into.saleDay = clock.day(scan.placedAt)
  into.saleHour = clock.hour(scan.placedAt)
  into.sightingAt = !into.counts && scan.has & HAS.cancelledAt ? scan.cancelledAt : scan.changedAt
  into.bookedAt = scan.has & HAS.paidAt ? scan.paidAt : scan.placedAt
  into.bookedDay = clock.day(into.bookedAt)
  into.bookedHour = clock.hour(into.bookedAt)
  hashBytes(scan.bytes, scan.contentStart, scan.end, CONTENT_SEED, hash)
  writeHex(hash.high, into.hashHex, 0)
  writeHex(hash.low, into.hashHex, 8)
  return true
}

/** What the schema would let pass, as far as that can be told at a glance. */
function isOrdinary(scan: CompactScan, appendedAt: number): boolean {
  const latest = Math.min(appendedAt + TWO_DAYS_MS, LATEST_MS - 1)
  const { has } = scan
  return (
    scan.role === SALE &&
    scan.refunds === 0 &&
    scan.payments === 0 &&
    scan.cancellations === 0 &&
    scan.references <= MAX_REFERENCES &&
    scan.kind < ORDER_KINDS.length &&
    scan.status < ORDER_STATUSES.length &&
    Number.isSafeInteger(scan.version) &&
    isWithin(scan.changedAt, latest) &&
    isWithin(scan.placedAt, latest) &&
    (!(has & HAS.paidAt) || isWithin(scan.paidAt, latest)) &&
    (!(has & HAS.cancelledAt) || isWithin(scan.cancelledAt, latest)) &&
    hasPlainTexts(scan)
  )
}

const MAX_REFERENCES = 1_000
const isWithin = (ms: number, latest: number) => ms >= EARLIEST_MS && ms <= latest

function hasPlainTexts(scan: CompactScan): boolean {
  const { bytes } = scan
  if (!isPlain(bytes, scan.orderId, 1, MAX_ID) || !isCurrency(bytes, scan.currency)) return false
  if (scan.rereadOf.end > 0 && !isPlain(bytes, scan.rereadOf, 1, MAX_ID)) return false
  if (scan.has & HAS.customerId && !isPlain(bytes, scan.texts[0]!, 1, MAX_ID)) return false
  for (let i = 1; i < scan.texts.length; i++) if (!isPlain(bytes, scan.texts[i]!, 0, MAX_LABEL)) return false
  return hasPlainReferences(scan) && hasPlainLines(scan)
}

const item: Span = { start: 0, end: 0 }

function hasPlainReferences(scan: CompactScan): boolean {
  if (scan.references === 0) return true
  const at = scan.at
  scan.at = scan.referencesAt
  let plain = true
  for (let i = 0; i < scan.references && plain; i++) {
    scan.text(item)
    plain = isPlain(scan.bytes, item, 0, MAX_LABEL)
    scan.text(item)
    plain = plain && isPlain(scan.bytes, item, 1, MAX_ID)
  }
  scan.at = at
  return plain
}

function hasPlainLines({ bytes, lines, lineSpans }: CompactScan): boolean {
  for (let at = 0; at < lines * 6; at += 6) {
    if (!isPlainRange(bytes, lineSpans[at]!, lineSpans[at + 1]!, 1, MAX_ID)) return false
    if (!isPlainRange(bytes, lineSpans[at + 2]!, lineSpans[at + 3]!, 0, MAX_LABEL)) return false
    if (!isPlainRange(bytes, lineSpans[at + 4]!, lineSpans[at + 5]!, 0, MAX_LABEL)) return false
  }
  return true
}

function isPlain(bytes: Uint8Array, { start, end }: Span, least: number, most: number): boolean {
  return isPlainRange(bytes, start, end, least, most)
}

/** No control characters, and UTF-8. Line breaks in labels are fine, but not ordinary. */
function isPlainRange(bytes: Uint8Array, start: number, end: number, least: number, most: number): boolean {
  const size = end - start
  if (size < least || size > most) return false
  let all = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 0x20 || byte === 0x7f) return false
    all |= byte
  }
  return all < 0x80 || isUtf8(bytes.subarray(start, end))
}

function isCurrency(bytes: Uint8Array, { start, end }: Span): boolean {
  if (end - start !== 3) return false
  for (let i = start; i < end; i++) if (bytes[i]! < 0x41 || bytes[i]! > 0x5a) return false
  return true
}

/** What contentOf does with lines: amounts, units, and the total that they come to. */
function sumLines(scan: CompactScan, into: Derived): boolean {
  const { lines, lineBits, lineQuantity, lineUnitPrice, lineUnitCost, lineAmount, has, amounts } = scan
  let sum = 0
  let units = 0
  for (let line = 0; line < lines; line++) {
    const quantity = lineQuantity[line]!
    const price = lineUnitPrice[line]!
    const amount = lineBits[line]! & LINE_AMOUNT ? lineAmount[line]! : product(quantity, price)
    if (!isAmount(quantity) || !isAmount(price) || !isAmount(amount)) return false
    if (lineBits[line]! & 2 && !isAmount(lineUnitCost[line]!)) return false
    into.lineAmount[line] = amount
    sum += amount
    units += quantity
  }
  for (let i = 0; i < amounts.length; i++) if (!isAmount(amounts[i]!)) return false
  const computed =
    sum -
    (has & HAS.discount ? amounts[0]! : 0) +
    (has & HAS.shipping ? amounts[1]! : 0) +
    (has & HAS.tax ? amounts[2]! : 0)
  into.computed = computed
  into.units = units
  return isAmount(computed) && isAmount(sum) && isAmount(units)
}

/** Exact in a double as long as both are small, which nearly all are. */
function product(quantity: number, price: number): number {
  const both = quantity * price
  if (both % 10_000 === 0 && Math.abs(both) < Number.MAX_SAFE_INTEGER) return both / 10_000
  return multiplyE4(quantity, price)
}

const isAmount = (valueE4: number) => Math.abs(valueE4) < MAX_AMOUNT_E4

const DIGITS = '0123456789abcdef'

function writeHex(value: number, into: Uint8Array, at: number): void {
  for (let i = 0; i < 8; i++) into[at + i] = DIGITS.charCodeAt((value >>> (28 - 4 * i)) & 15)
}
