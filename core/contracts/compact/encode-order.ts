/** An order event to its compact form (layout.ts). */
import { multiplyE4, toE4 } from '../money.ts'
import {
  ORDER_KINDS,
  type OrderEvent,
  type OrderEventInput,
  type OrderLine,
  type Refund,
  STREAM_ROLES,
} from '../order.ts'
import { ORDER_STATUSES } from '../status.ts'
import { CompactWriter } from './compact-writer.ts'
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

const shared = new CompactWriter()
const NONE: readonly never[] = []

/** The event must pass its schema; what is left out has its default. The bytes are the caller's own. */
export function encodeCompactOrder(event: OrderEventInput | OrderEvent): Uint8Array<ArrayBuffer> {
  writeCompactOrder(shared, event)
  return shared.bytes.slice(0, shared.length)
}

/** The same into a writer that is there: from 0 to its length. */
export function writeCompactOrder(out: CompactWriter, event: OrderEventInput | OrderEvent): void {
  out.reset()
  out.length = KEY_AT
  out.text(event.tenant)
  out.text(event.source)
  out.text(event.orderId)
  writeHead(out, event)
  writeContent(out, event)
  writeLists(out, event)
  const { bytes, length } = out
  const crc = crc32(bytes, KEY_AT, length)
  bytes[0] = COMPACT_SCHEMA
  for (let i = 0; i < 4; i++) bytes[1 + i] = crc >>> (8 * i)
}

function writeHead(out: CompactWriter, event: OrderEventInput): void {
  const reread = event.rereadOf ?? null
  out.u8(STREAM_ROLES.indexOf(event.role ?? 'sale') | (reread === null ? 0 : REREAD))
  out.varint(event.version)
  out.varint(Date.parse(event.changedAt))
  if (reread !== null) out.text(reread)
}

function writeContent(out: CompactWriter, event: OrderEventInput): void {
  let has = 0
  if (isTold(event.paidAt)) has |= HAS.paidAt
  if (isTold(event.cancelledAt)) has |= HAS.cancelledAt
  for (const field of OPTIONAL_TEXTS) if (event[field]) has |= HAS[field]
  for (const field of OPTIONAL_AMOUNTS) if (isTold(event[field])) has |= HAS[field]
  out.u8(ORDER_KINDS.indexOf(event.kind ?? 'sale'))
  out.u8(ORDER_STATUSES.indexOf(event.status))
  out.varint(has)
  out.varint(Date.parse(event.placedAt))
  if (isTold(event.paidAt)) out.varint(Date.parse(event.paidAt))
  if (isTold(event.cancelledAt)) out.varint(Date.parse(event.cancelledAt))
  out.text(event.currency)
  for (const field of OPTIONAL_TEXTS) {
    const text = event[field]
    if (text) out.text(text)
  }
  for (const field of OPTIONAL_AMOUNTS) {
    const amount = event[field]
    if (isTold(amount)) out.zigzag(toE4(amount))
  }
}

function writeLists(out: CompactWriter, event: OrderEventInput): void {
  const { references = NONE, payments = NONE, refunds = NONE, cancellations = NONE, lines = NONE } = event
  out.varint(references.length)
  for (const { system, id } of references) {
    out.text(system)
    out.text(id)
  }
  out.varint(payments.length)
  for (const { id, at, amount } of payments) {
    out.text(id)
    out.varint(Date.parse(at))
    out.zigzag(toE4(amount))
  }
  out.varint(refunds.length)
  for (const refund of refunds) writeRefund(out, refund)
  out.varint(cancellations.length)
  for (const { id, at } of cancellations) {
    out.text(id)
    out.varint(Date.parse(at))
  }
  out.varint(lines.length)
  for (const line of lines) writeLine(out, line)
}

type RefundInput = NonNullable<OrderEventInput['refunds']>[number] | Refund
type LineInput = NonNullable<OrderEventInput['lines']>[number] | OrderLine

function writeRefund(out: CompactWriter, { id, at, amount, lines }: RefundInput): void {
  out.text(id)
  out.varint(Date.parse(at))
  out.zigzag(toE4(amount))
  out.varint(lines?.length ?? 0)
  for (const line of lines ?? []) {
    out.text(line.sku)
    out.text(line.name ?? '')
    out.zigzag(toE4(line.quantity))
    out.zigzag(toE4(line.amount))
  }
}

function writeLine(out: CompactWriter, line: LineInput): void {
  const quantity = toE4(line.quantity)
  const unitPrice = toE4(line.unitPrice)
  const stated = isTold(line.amount) ? toE4(line.amount) : undefined
  // What quantity × price says already is not said again.
  const amount = stated === undefined || stated === multiplyE4(quantity, unitPrice) ? undefined : stated
  const { category, unitCost } = line
  out.u8(
    (category ? LINE_CATEGORY : 0) |
      (isTold(unitCost) ? LINE_COST : 0) |
      (amount === undefined ? 0 : LINE_AMOUNT),
  )
  out.text(line.sku)
  out.text(line.name)
  if (category) out.text(category)
  out.zigzag(quantity)
  out.zigzag(unitPrice)
  if (isTold(unitCost)) out.zigzag(toE4(unitCost))
  if (amount !== undefined) out.zigzag(amount)
}

function isTold<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}
