/**
 * Reads the compact form (layout.ts) without making anything of it: numbers, and where each text stands. One scan is
 * used again for record after record. Whatever a record claims, nothing is read beyond its end.
 */
import { MAX_LINES } from '../order.ts'
import { crc32 } from './crc32.ts'
import {
  COMPACT_SCHEMA,
  HAS,
  KEY_AT,
  LINE_AMOUNT,
  LINE_CATEGORY,
  LINE_COST,
  OPTIONAL_AMOUNTS,
  OPTIONAL_TEXTS,
  REREAD,
} from './layout.ts'

/** Where a text stands: [start, end) in the bytes; both 0 where there is none. */
export interface Span {
  start: number
  end: number
}

const span = (): Span => ({ start: 0, end: 0 })
export const LENGTH_FAULT = 'the record has another length than its fields'
const TWO_28 = 2 ** 28

export class CompactScan {
  bytes: Uint8Array = new Uint8Array(0)
  end = 0
  at = 0
  /** Behind the last order's key; the key itself begins at `keyStart`. */
  keyStart = 0
  keyEnd = 0
  contentStart = 0
  readonly tenant = span()
  readonly source = span()
  readonly orderId = span()
  readonly rereadOf = span()
  readonly currency = span()
  /** In the order of OPTIONAL_TEXTS. */
  readonly texts: readonly Span[] = OPTIONAL_TEXTS.map(span)
  /** In the order of OPTIONAL_AMOUNTS, E4; read `has` first. */
  readonly amounts = new Float64Array(OPTIONAL_AMOUNTS.length)
  role = 0
  version = 0
  changedAt = 0
  kind = 0
  status = 0
  has = 0
  placedAt = 0
  /** Read `has` first. */
  paidAt = 0
  cancelledAt = 0
  references = 0
  referencesAt = 0
  payments = 0
  paymentsAt = 0
  refunds = 0
  refundsAt = 0
  cancellations = 0
  cancellationsAt = 0
  lines = 0
  readonly lineBits = new Uint8Array(MAX_LINES)
  /** Six numbers a line: start and end of sku, name and category. */
  readonly lineSpans = new Int32Array(MAX_LINES * 6)
  readonly lineQuantity = new Float64Array(MAX_LINES)
  readonly lineUnitPrice = new Float64Array(MAX_LINES)
  readonly lineUnitCost = new Float64Array(MAX_LINES)
  readonly lineAmount = new Float64Array(MAX_LINES)

  /** Undefined, or why the bytes are no compact order. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const fault = this.readKey(bytes, start, end)
    if (fault !== undefined) return fault
    this.readTrusted(bytes, start, end)
    return this.at === end ? undefined : LENGTH_FAULT
  }

  /** The checksum and the key alone; `readTrusted` may follow. */
  readKey(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start < KEY_AT) return 'the record is cut off'
    if (bytes[start] !== COMPACT_SCHEMA) return `compact schema ${bytes[start]} is not known`
    const stored =
      (bytes[start + 1]! |
        (bytes[start + 2]! << 8) |
        (bytes[start + 3]! << 16) |
        (bytes[start + 4]! << 24)) >>>
      0
    if (stored !== crc32(bytes, start + KEY_AT, end)) return 'the checksum does not match'
    this.#readKey(bytes, start, end)
    return undefined
  }

  /** All of bytes that this process has just written or checked. True where they are as long as their fields. */
  readTrusted(bytes: Uint8Array, start: number, end: number): boolean {
    this.#readKey(bytes, start, end)
    const role = this.u8()
    this.role = role & ~REREAD
    this.version = this.varint()
    this.changedAt = this.varint()
    if (role & REREAD) this.text(this.rereadOf)
    else none(this.rereadOf)
    this.contentStart = this.at
    this.#readContent()
    this.#readLists()
    return this.at === end
  }

  #readKey(bytes: Uint8Array, start: number, end: number): void {
    this.readKeyAlone(bytes, start + KEY_AT, end)
  }

  /** A key that stands by itself. */
  readKeyAlone(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.end = end
    this.at = start
    this.keyStart = this.at
    this.text(this.tenant)
    this.text(this.source)
    this.text(this.orderId)
    this.keyEnd = this.at
  }

  #readContent(): void {
    this.kind = this.u8()
    this.status = this.u8()
    const has = this.varint()
    this.has = has
    this.placedAt = this.varint()
    if (has & HAS.paidAt) this.paidAt = this.varint()
    if (has & HAS.cancelledAt) this.cancelledAt = this.varint()
    this.text(this.currency)
    for (let i = 0, bit = HAS.customerId as number; i < OPTIONAL_TEXTS.length; i++, bit <<= 1) {
      if (has & bit) this.text(this.texts[i]!)
      else none(this.texts[i]!)
    }
    for (let i = 0, bit = HAS.discount as number; i < OPTIONAL_AMOUNTS.length; i++, bit <<= 1)
      this.amounts[i] = has & bit ? this.zigzag() : 0
  }

  #readLists(): void {
    this.references = this.varint()
    this.referencesAt = this.at
    for (let i = 0; i < this.references && this.at < this.end; i++) {
      this.skip()
      this.skip()
    }
    this.payments = this.varint()
    this.paymentsAt = this.at
    for (let i = 0; i < this.payments && this.at < this.end; i++) {
      this.skip()
      this.varint()
      this.varint()
    }
    this.refunds = this.varint()
    this.refundsAt = this.at
    for (let i = 0; i < this.refunds && this.at < this.end; i++) this.#skipRefund()
    this.cancellations = this.varint()
    this.cancellationsAt = this.at
    for (let i = 0; i < this.cancellations && this.at < this.end; i++) {
      this.skip()
      this.varint()
    }
    this.lines = Math.min(this.varint(), MAX_LINES)
    for (let i = 0; i < this.lines && this.at < this.end; i++) this.#readLine(i)
  }

  #skipRefund(): void {
    this.skip()
    this.varint()
    this.varint()
    const lines = this.varint()
    for (let i = 0; i < lines && this.at < this.end; i++) {
      this.skip()
      this.skip()
      this.varint()
      this.varint()
    }
  }

  #readLine(line: number): void {
    const bits = this.u8()
    this.lineBits[line] = bits
    this.#lineSpan(line * 6)
    this.#lineSpan(line * 6 + 2)
    if (bits & LINE_CATEGORY) this.#lineSpan(line * 6 + 4)
    else this.lineSpans[line * 6 + 4] = this.lineSpans[line * 6 + 5] = 0
    this.lineQuantity[line] = this.zigzag()
    this.lineUnitPrice[line] = this.zigzag()
    if (bits & LINE_COST) this.lineUnitCost[line] = this.zigzag()
    if (bits & LINE_AMOUNT) this.lineAmount[line] = this.zigzag()
  }

  #lineSpan(index: number): void {
    const size = this.varint()
    this.lineSpans[index] = this.at
    this.at = Math.min(this.at + size, this.end)
    this.lineSpans[index + 1] = this.at
  }

  u8(): number {
    return this.at < this.end ? this.bytes[this.at++]! : 0
  }

  varint(): number {
    const { bytes, end } = this
    let at = this.at
    let value = 0
    let shift = 0
    for (; at < end && shift < 28; shift += 7) {
      const byte = bytes[at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.at = at
        return value
      }
    }
    let scale = TWO_28
    for (let more = 0; at < end && more < 4; more++, scale *= 0x80) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    this.at = at
    return value
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(into: Span): void {
    const size = this.varint()
    into.start = this.at
    this.at = Math.min(this.at + size, this.end)
    into.end = this.at
  }

  skip(): void {
    this.at = Math.min(this.varint() + this.at, this.end)
  }
}

function none(into: Span): void {
  into.start = 0
  into.end = 0
}
