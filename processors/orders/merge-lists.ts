/**
 * Refunds, payments and cancellations are lists keyed by their own id. The newest version that tells of an id stands;
 * of two contents at one version the later one does. A repeated one changes nothing. Lists stay sorted by id, so that
 * the order of arrival leaves no trace.
 */
import { type OrderRow, setList } from '../../clickhouse/native/order-row.ts'
import type { OrderFact } from '../../core/contracts/events.ts'
import { toE4 } from '../../core/contracts/money.ts'
import { MAX_LINES, MAX_LIST, type Refund } from '../../core/contracts/order.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { localDay } from '../../core/runtime/local-time.ts'

/** Merges what the fact carries into the row's lists; true where one of them changed. */
export function mergeLists(row: OrderRow, fact: OrderFact, timeZone: string): boolean {
  const { version } = fact
  let changed = false
  for (const refund of refundsOf(fact)) changed = mergeRefund(row, refund, version, timeZone) || changed
  for (const { id, at, amount } of paymentsOf(fact)) {
    const values = {
      paymentId: id,
      paymentVersion: version,
      paymentSince: version,
      paymentAt: Date.parse(at),
      paymentAmount: toE4(amount),
    }
    changed = mergeEntry(row, PAYMENT_FIELDS, values) || changed
  }
  for (const { id, at } of cancellationsOf(fact)) {
    const values = {
      cancellationId: id,
      cancellationVersion: version,
      cancellationSince: version,
      cancellationAt: Date.parse(at),
    }
    changed = mergeEntry(row, CANCELLATION_FIELDS, values) || changed
  }
  return changed
}

function refundsOf(fact: OrderFact): readonly Refund[] {
  if (fact.type === 'order') return fact.refunds
  return fact.type === 'order.refund' ? [fact.refund] : []
}

function paymentsOf(fact: OrderFact) {
  if (fact.type === 'order') return fact.payments
  return fact.type === 'order.payment' ? [fact.payment] : []
}

function cancellationsOf(fact: OrderFact) {
  if (fact.type === 'order') return fact.cancellations
  return fact.type === 'order.cancellation' ? [fact.cancellation] : []
}

const REFUND_FIELDS = ['refundId', 'refundVersion', 'refundAt', 'refundAmount'] as const
const PAYMENT_FIELDS = ['paymentId', 'paymentVersion', 'paymentSince', 'paymentAt', 'paymentAmount'] as const
const CANCELLATION_FIELDS = [
  'cancellationId',
  'cancellationVersion',
  'cancellationSince',
  'cancellationAt',
] as const
/** The first version that told of an id: a later snapshot that repeats it does not move it. */
const SINCE_FIELDS = new Set<string>(['paymentSince', 'cancellationSince'])
const REFUND_LINE_FIELDS = [
  'refundLineRefund',
  'refundLineDay',
  'refundLineSku',
  'refundLineName',
  'refundLineQuantity',
  'refundLineAmount',
] as const

type ListField =
  | (typeof REFUND_FIELDS)[number]
  | (typeof PAYMENT_FIELDS)[number]
  | (typeof CANCELLATION_FIELDS)[number]

function mergeRefund(row: OrderRow, refund: Refund, version: number, timeZone: string): boolean {
  const at = Date.parse(refund.at)
  const day = localDay(at, timeZone)
  const lines = refund.lines.map((line) => ({
    refundLineRefund: refund.id,
    refundLineDay: day,
    refundLineSku: line.sku,
    refundLineName: line.name,
    refundLineQuantity: toE4(line.quantity),
    refundLineAmount: toE4(line.amount),
  }))
  const values = {
    refundId: refund.id,
    refundVersion: version,
    refundAt: at,
    refundAmount: toE4(refund.amount),
  }
  const known = row.refundId.indexOf(refund.id)
  const linesDiffer =
    known !== -1 && version >= row.refundVersion[known]! && !sameLines(row, refund.id, lines)
  const changed = mergeEntry(row, REFUND_FIELDS, values)
  if (!changed && !linesDiffer) return false
  replaceRefundLines(row, refund.id, lines)
  return true
}

/** Inserts or replaces the entry with this id (the first field) if its version (the second) is not older. */
function mergeEntry(row: OrderRow, fields: readonly ListField[], values: Record<string, unknown>): boolean {
  const [idField, versionField] = fields as [ListField, ListField]
  const ids = row[idField] as string[]
  const id = values[idField] as string
  const known = ids.indexOf(id)
  if (known !== -1) {
    const field = fields.find((name) => SINCE_FIELDS.has(name))
    const since = field !== undefined && keepFirst(row, field, known, values)
    const older = (values[versionField] as number) < (row[versionField] as number[])[known]!
    if (older || fields.every((name) => row[name][known] === values[name])) return since
  } else if (ids.length >= MAX_LIST) {
    throw new RevwallError(
      'ORDER_LISTS_FULL',
      `an order has at most ${MAX_LIST} refunds, payments or cancellations`,
    )
  }
  const later = ids.findIndex((other) => other > id)
  const index = known !== -1 ? known : later === -1 ? ids.length : later
  for (const field of fields) {
    const items: readonly unknown[] = row[field]
    setList(row, field, items.toSpliced(index, known === -1 ? 0 : 1, values[field]))
  }
  return true
}

/** Both get the lower of the two versions; true where that changes the row. */
function keepFirst(row: OrderRow, field: ListField, known: number, values: Record<string, unknown>): boolean {
  const told = values[field] as number
  const before = (row[field] as number[])[known]!
  values[field] = Math.min(told, before)
  if (told >= before) return false
  setList(row, field, (row[field] as number[]).with(known, told))
  return true
}

type RefundLineValues = Record<(typeof REFUND_LINE_FIELDS)[number], string | number>

function sameLines(row: OrderRow, id: string, lines: readonly RefundLineValues[]): boolean {
  const mine = row.refundLineRefund.flatMap((refund, index) => (refund === id ? [index] : []))
  if (mine.length !== lines.length) return false
  return mine.every((at, index) =>
    REFUND_LINE_FIELDS.every((field) => row[field][at] === lines[index]![field]),
  )
}

function replaceRefundLines(row: OrderRow, id: string, lines: readonly RefundLineValues[]): void {
  const kept = row.refundLineRefund.map((refund) => refund !== id)
  const before = row.refundLineRefund.filter((refund) => refund < id).length
  if (before + lines.length > MAX_LINES) throw new RevwallError('ORDER_LISTS_FULL', 'too many refunded lines')
  for (const field of REFUND_LINE_FIELDS) {
    const items = (row[field] as readonly unknown[]).filter((_, index) => kept[index])
    setList(row, field, items.toSpliced(before, 0, ...lines.map((line) => line[field])))
  }
}
