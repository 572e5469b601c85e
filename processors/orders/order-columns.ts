/**
 * The batch as columns: rows are pushed either whole, or straight from the bytes of a compact first sighting. Both ways
 * give the same bytes for the same order; a test compares them.
 */
import { type NativeBlock, nativeBlock } from '../../clickhouse/native/native-block.ts'
import {
  type ArrayColumn,
  DictionaryColumn,
  FixedColumn,
  type NativeColumn,
  NullableColumn,
  StringColumn,
  type TextColumn,
} from '../../clickhouse/native/native-column.ts'
import {
  type ChangeRow,
  emptyOrderRow,
  type MarkFields,
  ORDER_CHANGES_COLUMNS,
  type OrderRow,
  type Provenance,
} from '../../clickhouse/native/order-row.ts'
import { HAS, LINE_CATEGORY, LINE_COST } from '../../core/contracts/compact/layout.ts'
import type { CompactScan, Span } from '../../core/contracts/compact/scan-order.ts'
import { ORDER_KINDS, STREAM_ROLES } from '../../core/contracts/order.ts'
import { ORDER_STATUSES } from '../../core/contracts/status.ts'
import type { Derived } from './derive-first.ts'

/** Where a change came from; the same for all rows of a batch but the offset. */
export interface BatchOrigin {
  takenAt: number
  topic: string
  incarnation: string
  partition: number
}

export class OrderColumns {
  readonly #block: NativeBlock = nativeBlock(ORDER_CHANGES_COLUMNS)
  readonly #c = byField(this.#block)
  rows = 0

  /** Any row. Two objects, because one of so many fields is put together slowly. */
  pushRow(row: OrderRow, more: Provenance & MarkFields, revision = row.revision): void {
    const { columns } = this.#block
    for (let i = 0; i < columns.length; i++) {
      const { field } = ORDER_CHANGES_COLUMNS[i]!
      const value =
        i === REVISION
          ? revision
          : IS_MORE[i]
            ? more[field as keyof typeof more]
            : row[field as keyof OrderRow]
      // Filled in by the next value, or at the end. Numbers and texts are not: pushFirst counts on their being there.
      if (value === null || (Array.isArray(value) && value.length === 0)) continue
      columns[i]!.padTo(this.rows)
      columns[i]!.push(value)
    }
    this.rows += 1
  }

  /** The first sighting of an order that carries no lists. */
  pushFirst(scan: CompactScan, derived: Derived, origin: BatchOrigin, offset: number, zone: string): void {
    const c = this.#c
    const { rows } = this
    const { bytes } = scan
    span(c.tenant, bytes, scan.tenant)
    span(c.source, bytes, scan.source)
    c.orderId.pushBytes(bytes, scan.orderId.start, scan.orderId.end)
    c.revision.push(1)
    c.sign.push(1)
    c.takenAt.push(origin.takenAt)
    c.topic.push(origin.topic)
    c.incarnation.push(origin.incarnation)
    c.partition.push(origin.partition)
    c.offset.push(offset)
    c.role.push(STREAM_ROLES[scan.role]!)
    c.kind.push(ORDER_KINDS[scan.kind]!)
    c.version.push(scan.version)
    c.status.push(ORDER_STATUSES[scan.status]!)
    c.counts.push(derived.counts ? 1 : 0)
    c.placedAt.push(scan.placedAt)
    if (scan.has & HAS.paidAt) pushAt(c.paidAt, rows, scan.paidAt)
    c.changedAt.push(scan.changedAt)
    if (scan.has & HAS.cancelledAt) pushAt(c.cancelledAt, rows, scan.cancelledAt)
    c.zone.push(zone)
    c.saleDay.push(derived.saleDay)
    c.saleHour.push(derived.saleHour)
    this.#pushTexts(scan)
    this.#pushAmounts(scan, derived)
    if (scan.references > 0) this.#pushReferences(scan)
    if (scan.lines > 0) this.#pushLines(scan, derived)
    this.#pushSighting(scan, derived)
    if (derived.counts) this.#pushEntry(scan, derived)
    this.rows = rows + 1
  }

  /** All columns as one Native block, empty again afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    const body = this.#block.finish(this.rows)
    this.rows = 0
    return body
  }

  #pushTexts(scan: CompactScan): void {
    const c = this.#c
    const { bytes, texts } = scan
    const [customer, region, state, country, channel, salesRep, fingerprint, shipTo] = texts as Span[]
    spanAt(c.customer, this.rows, bytes, customer!)
    span(c.currency, bytes, scan.currency)
    spanAt(c.region, this.rows, bytes, region!)
    spanAt(c.state, this.rows, bytes, state!)
    spanAt(c.country, this.rows, bytes, country!)
    spanAt(c.channel, this.rows, bytes, channel!)
    spanAt(c.salesRep, this.rows, bytes, salesRep!)
    spanAt(c.paymentFingerprint, this.rows, bytes, fingerprint!)
    spanAt(c.shipToHash, this.rows, bytes, shipTo!)
  }

  #pushAmounts(scan: CompactScan, { gross, counts }: Derived): void {
    const c = this.#c
    const { has, amounts } = scan
    if (has & HAS.discount) pushAt(c.discount, this.rows, amounts[0]!)
    if (has & HAS.shipping) pushAt(c.shipping, this.rows, amounts[1]!)
    if (has & HAS.tax) pushAt(c.tax, this.rows, amounts[2]!)
    if (has & HAS.total) pushAt(c.statedTotal, this.rows, amounts[3]!)
    c.gross.push(gross)
    c.net.push(counts ? gross : 0)
  }

  #pushReferences(scan: CompactScan): void {
    const { referenceSystem, referenceId } = this.#c
    const system = open(referenceSystem, this.rows, DictionaryColumn)
    const id = open(referenceId, this.rows, StringColumn)
    const at = scan.at
    scan.at = scan.referencesAt
    for (let i = 0; i < scan.references; i++) {
      scan.text(scratch)
      system.pushBytes(scan.bytes, scratch.start, scratch.end)
      scan.text(scratch)
      id.pushBytes(scan.bytes, scratch.start, scratch.end)
    }
    scan.at = at
    referenceSystem.close()
    referenceId.close()
  }

  #pushLines(scan: CompactScan, { lineAmount }: Derived): void {
    const c = this.#c
    const { bytes, lines, lineSpans, lineBits, lineQuantity, lineUnitPrice, lineUnitCost } = scan
    const sku = open(c.lineSku, this.rows, StringColumn)
    const name = open(c.lineName, this.rows, StringColumn)
    const category = open(c.lineCategory, this.rows, DictionaryColumn)
    const quantity = open(c.lineQuantity, this.rows, FixedColumn)
    const unitPrice = open(c.lineUnitPrice, this.rows, FixedColumn)
    const unitCost = open(c.lineUnitCost, this.rows, NullableColumn)
    const amount = open(c.lineAmount, this.rows, FixedColumn)
    for (let line = 0; line < lines; line++) {
      const at = line * 6
      const bits = lineBits[line]!
      sku.pushBytes(bytes, lineSpans[at]!, lineSpans[at + 1]!)
      name.pushBytes(bytes, lineSpans[at + 2]!, lineSpans[at + 3]!)
      if (bits & LINE_CATEGORY) category.pushBytes(bytes, lineSpans[at + 4]!, lineSpans[at + 5]!)
      else category.pushId(0)
      quantity.push(lineQuantity[line]!)
      unitPrice.push(lineUnitPrice[line]!)
      if (bits & LINE_COST) unitCost.push(lineUnitCost[line]!)
      else unitCost.push(null)
      amount.push(lineAmount[line]!)
    }
    for (const column of this.#lineColumns) column.close()
  }

  readonly #lineColumns = [
    this.#c.lineSku,
    this.#c.lineName,
    this.#c.lineCategory,
    this.#c.lineQuantity,
    this.#c.lineUnitPrice,
    this.#c.lineUnitCost,
    this.#c.lineAmount,
  ]

  #pushSighting(scan: CompactScan, derived: Derived): void {
    const c = this.#c
    one(c.sightingVersion, this.rows, scan.version)
    const hash = open(c.sightingHash, this.rows, StringColumn)
    hash.pushBytes(derived.hashHex, 0, derived.hashHex.length)
    c.sightingHash.close()
    one(c.sightingAt, this.rows, derived.sightingAt)
    one(c.sightingPaidAt, this.rows, scan.has & HAS.paidAt ? scan.paidAt : null)
    one(c.sightingPlacedAt, this.rows, scan.placedAt)
    one(c.sightingKind, this.rows, ORDER_KINDS[scan.kind]!)
    one(c.sightingStatus, this.rows, ORDER_STATUSES[scan.status]!)
    one(c.sightingCounts, this.rows, derived.counts ? 1 : 0)
    const currency = open(c.sightingCurrency, this.rows, DictionaryColumn)
    currency.pushBytes(scan.bytes, scan.currency.start, scan.currency.end)
    c.sightingCurrency.close()
    one(c.sightingGross, this.rows, derived.gross)
    one(c.sightingUnits, this.rows, derived.units)
  }

  #pushEntry(scan: CompactScan, derived: Derived): void {
    const c = this.#c
    one(c.bookedAt, this.rows, derived.bookedAt)
    one(c.bookedDay, this.rows, derived.bookedDay)
    one(c.bookedHour, this.rows, derived.bookedHour)
    one(c.bookedKind, this.rows, ORDER_KINDS[scan.kind]!)
    one(c.bookedReference, this.rows, '')
    const currency = open(c.bookedCurrency, this.rows, DictionaryColumn)
    currency.pushBytes(scan.bytes, scan.currency.start, scan.currency.end)
    c.bookedCurrency.close()
    one(c.bookedAmount, this.rows, derived.gross)
    one(c.bookedOrders, this.rows, 1)
    one(c.bookedUnits, this.rows, derived.units)
  }
}

const ORDER_FIELDS = new Set(Object.keys(emptyOrderRow('', '', '')))
const IS_MORE = ORDER_CHANGES_COLUMNS.map(({ field }) => !ORDER_FIELDS.has(field))
const REVISION = ORDER_CHANGES_COLUMNS.findIndex(({ field }) => field === 'revision')
const scratch: Span = { start: 0, end: 0 }

type Kinds = {
  [Field in keyof ChangeRow]: ChangeRow[Field] extends readonly unknown[]
    ? ArrayColumn
    : ChangeRow[Field] extends string
      ? TextColumn
      : null extends ChangeRow[Field]
        ? NullableColumn
        : FixedColumn
}

/** The columns by the fields of a row. Every one is what its type in the table says; `open` checks those of arrays. */
function byField({ columns }: NativeBlock): Kinds {
  return Object.fromEntries(
    ORDER_CHANGES_COLUMNS.map(({ field }, i) => [field, columns[i]!]),
  ) as unknown as Kinds
}

/** The items of an array column, which stands at this row then. */
function open<T extends NativeColumn>(
  column: ArrayColumn,
  rows: number,
  // biome-ignore lint/suspicious/noExplicitAny: constructors of columns take various things.
  kind: new (...args: any[]) => T,
): T {
  column.padTo(rows)
  const { inner } = column
  if (inner instanceof kind) return inner
  throw new Error(`a column of ${kind.name} was expected`)
}

function one(column: ArrayColumn, rows: number, value: unknown): void {
  column.padTo(rows)
  column.inner.push(value)
  column.close()
}

function pushAt(column: NullableColumn, rows: number, value: number): void {
  column.padTo(rows)
  column.push(value)
}

function span(column: TextColumn, bytes: Uint8Array, { start, end }: Span): void {
  column.pushBytes(bytes, start, end)
}

function spanAt(column: TextColumn, rows: number, bytes: Uint8Array, { start, end }: Span): void {
  if (end === start) return
  column.padTo(rows)
  column.pushBytes(bytes, start, end)
}
