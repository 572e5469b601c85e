/**
 * The batch as columns: rows are pushed either whole, or straight from the bytes of a compact first sighting. Both ways
 * give the same bytes for the same order; a test compares them.
 */

import type { FixedColumn } from '../../clickhouse/native/fixed-column.ts'
import { type NativeBlock, nativeBlock } from '../../clickhouse/native/native-block.ts'
import { ArrayColumn, type NullableColumn } from '../../clickhouse/native/native-column.ts'
import {
  type ChangeRow,
  emptyOrderRow,
  type MarkFields,
  ORDER_CHANGES_COLUMNS,
  type OrderRow,
  type Provenance,
} from '../../clickhouse/native/order-row.ts'
import type { DictionaryColumn, TextColumn } from '../../clickhouse/native/text-column.ts'
import { HAS, LINE_CATEGORY, LINE_COST } from '../../core/contracts/compact/layout.ts'
import type { CompactScan, Span } from '../../core/contracts/compact/scan-order.ts'
import { ORDER_KINDS, STREAM_ROLES } from '../../core/contracts/order.ts'
import { ORDER_STATUSES } from '../../core/contracts/status.ts'
import type { BookedEntry } from './book-entries.ts'
import type { Derived } from './derive-first.ts'
import type { ScannedOrder, ScannedSighting } from './known-order.ts'
import type { LocalClock } from './local-clock.ts'

/** Where a change came from: the same for all rows of a batch, and so filled in at its end. */
export interface BatchOrigin {
  takenAt: number
  topic: string
  incarnation: string
  partition: number
}

export interface ScannedChange {
  sign: number
  revision: number
  offset: number
  clock: LocalClock
}

export class OrderColumns {
  readonly #block: NativeBlock = nativeBlock(ORDER_CHANGES_COLUMNS)
  readonly #c = byField(this.#block)
  /** The items of those that are arrays; the first column of a list says where a row of it ends. */
  readonly #items = itemsOf(this.#c)
  rows = 0

  /** Any row. Two objects, because one of so many fields is put together slowly. */
  pushRow(row: OrderRow, more: Provenance & MarkFields, revision = row.revision): void {
    const { columns } = this.#block
    for (let i = 0; i < columns.length; i++) {
      if (IS_ORIGIN[i]) continue
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
  pushFirst(scan: CompactScan, derived: Derived, offset: number, zone: string): void {
    this.#pushHead(scan, derived, offset)
    this.#pushPresent(scan, derived, zone, derived.counts)
    this.#c.sign.push(1)
    this.#c.revision.push(1)
    this.#pushSighting(scan, derived)
    if (derived.counts) this.#pushEntry(scan, derived)
    this.rows += 1
  }

  /** An order of several snapshots that carry no lists. */
  pushScanned(order: ScannedOrder, { sign, revision, offset, clock }: ScannedChange): void {
    const { scan, derived, sightings, booking } = order
    this.#pushHead(scan, derived, offset)
    this.#pushPresent(scan, derived, clock.zone, booking.counts)
    this.#c.sign.push(sign)
    this.#c.revision.push(revision)
    this.#pushSightings(sightings)
    if (booking.entries.length > 0) this.#pushEntries(booking.entries, clock)
    this.rows += 1
  }

  /** What was pushed and not finished is gone. */
  reset(): void {
    this.#block.reset()
    this.rows = 0
  }

  /** All columns as one Native block, empty again afterwards. */
  finish({ takenAt, topic, incarnation, partition }: BatchOrigin): Uint8Array<ArrayBuffer> {
    const { rows } = this
    this.#c.takenAt.fill(takenAt, rows)
    this.#c.topic.fill(topic, rows)
    this.#c.incarnation.fill(incarnation, rows)
    this.#c.partition.fill(partition, rows)
    const body = this.#block.finish(this.rows)
    this.rows = 0
    return body
  }

  #pushHead(scan: CompactScan, derived: Derived, offset: number): void {
    const c = this.#c
    const { bytes } = scan
    span(c.tenant, bytes, scan.tenant)
    span(c.source, bytes, scan.source)
    c.orderId.pushBytes(bytes, scan.orderId.start, scan.orderId.end)
    c.offset.push(offset)
    c.role.push(STREAM_ROLES[scan.role]!)
    c.kind.push(ORDER_KINDS[scan.kind]!)
    c.version.push(scan.version)
    c.status.push(ORDER_STATUSES[scan.status]!)
    c.saleDay.push(derived.saleDay)
    c.saleHour.push(derived.saleHour)
  }

  /** The content of the present snapshot. */
  #pushPresent(scan: CompactScan, derived: Derived, zone: string, counts: boolean): void {
    const c = this.#c
    const { rows } = this
    c.counts.push(counts ? 1 : 0)
    c.placedAt.push(scan.placedAt)
    if (scan.has & HAS.paidAt) pushAt(c.paidAt, rows, scan.paidAt)
    c.changedAt.push(scan.changedAt)
    if (scan.has & HAS.cancelledAt) pushAt(c.cancelledAt, rows, scan.cancelledAt)
    c.zone.push(zone)
    this.#pushTexts(scan)
    this.#pushAmounts(scan, derived.gross, counts)
    if (scan.references > 0) this.#pushReferences(scan)
    if (scan.lines > 0) this.#pushLines(scan, derived)
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

  #pushAmounts(scan: CompactScan, gross: number, counts: boolean): void {
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
    const list = this.#c.referenceSystem
    const items = this.#items
    list.padTo(this.rows)
    const at = scan.at
    scan.at = scan.referencesAt
    for (let i = 0; i < scan.references; i++) {
      scan.text(scratch)
      items.referenceSystem.pushBytes(scan.bytes, scratch.start, scratch.end)
      scan.text(scratch)
      items.referenceId.pushBytes(scan.bytes, scratch.start, scratch.end)
    }
    scan.at = at
    list.close()
  }

  #pushLines(scan: CompactScan, { lineAmount }: Derived): void {
    const items = this.#items
    const { bytes, lines, lineSpans, lineBits, lineQuantity, lineUnitPrice, lineUnitCost } = scan
    this.#c.lineSku.padTo(this.rows)
    for (let line = 0; line < lines; line++) {
      const at = line * 6
      const bits = lineBits[line]!
      items.lineSku.pushBytes(bytes, lineSpans[at]!, lineSpans[at + 1]!)
      items.lineName.pushBytes(bytes, lineSpans[at + 2]!, lineSpans[at + 3]!)
      if (bits & LINE_CATEGORY) items.lineCategory.pushBytes(bytes, lineSpans[at + 4]!, lineSpans[at + 5]!)
      else items.lineCategory.push('')
      items.lineQuantity.push(lineQuantity[line]!)
      items.lineUnitPrice.push(lineUnitPrice[line]!)
      items.lineUnitCost.push(bits & LINE_COST ? lineUnitCost[line]! : null)
      items.lineAmount.push(lineAmount[line]!)
    }
    this.#c.lineSku.close()
  }

  #pushSighting(scan: CompactScan, derived: Derived): void {
    const items = this.#items
    const { bytes, currency } = scan
    this.#c.sightingVersion.padTo(this.rows)
    items.sightingVersion.push(scan.version)
    items.sightingHash.pushBytes(derived.hashHex, 0, derived.hashHex.length)
    items.sightingAt.push(derived.sightingAt)
    items.sightingPaidAt.push(scan.has & HAS.paidAt ? scan.paidAt : null)
    items.sightingPlacedAt.push(scan.placedAt)
    items.sightingKind.push(ORDER_KINDS[scan.kind]!)
    items.sightingStatus.push(ORDER_STATUSES[scan.status]!)
    items.sightingCounts.push(derived.counts ? 1 : 0)
    items.sightingCurrency.pushBytes(bytes, currency.start, currency.end)
    items.sightingGross.push(derived.gross)
    items.sightingUnits.push(derived.units)
    this.#c.sightingVersion.close()
  }

  #pushEntry(scan: CompactScan, derived: Derived): void {
    const items = this.#items
    const { bytes, currency } = scan
    this.#c.bookedAt.padTo(this.rows)
    items.bookedAt.push(derived.bookedAt)
    items.bookedDay.push(derived.bookedDay)
    items.bookedHour.push(derived.bookedHour)
    items.bookedKind.push(ORDER_KINDS[scan.kind]!)
    items.bookedReference.push('')
    items.bookedCurrency.pushBytes(bytes, currency.start, currency.end)
    items.bookedAmount.push(derived.gross)
    items.bookedOrders.push(1)
    items.bookedUnits.push(derived.units)
    this.#c.bookedAt.close()
  }

  #pushSightings(sightings: readonly ScannedSighting[]): void {
    const items = this.#items
    this.#c.sightingVersion.padTo(this.rows)
    for (let i = 0; i < sightings.length; i++) {
      const sighting = sightings[i]!
      items.sightingHash.pushBytes(sighting.hash, 0, sighting.hash.length)
      items.sightingVersion.push(sighting.version)
      items.sightingAt.push(sighting.at)
      items.sightingPaidAt.push(sighting.paidAt)
      items.sightingPlacedAt.push(sighting.placedAt)
      items.sightingKind.push(sighting.kind)
      items.sightingStatus.push(sighting.status)
      items.sightingCounts.push(sighting.counts ? 1 : 0)
      items.sightingCurrency.push(sighting.currency)
      items.sightingGross.push(sighting.gross)
      items.sightingUnits.push(sighting.units)
    }
    this.#c.sightingVersion.close()
  }

  #pushEntries(entries: readonly BookedEntry[], clock: LocalClock): void {
    const items = this.#items
    this.#c.bookedAt.padTo(this.rows)
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      items.bookedAt.push(entry.at)
      items.bookedDay.push(clock.day(entry.at))
      items.bookedHour.push(clock.hour(entry.at))
      items.bookedKind.push(entry.kind)
      items.bookedReference.push(entry.reference)
      items.bookedCurrency.push(entry.currency)
      items.bookedAmount.push(entry.amount)
      items.bookedOrders.push(entry.orders)
      items.bookedUnits.push(entry.units)
    }
    this.#c.bookedAt.close()
  }
}

const ORDER_FIELDS = new Set(Object.keys(emptyOrderRow('', '', '')))
const IS_MORE = ORDER_CHANGES_COLUMNS.map(({ field }) => !ORDER_FIELDS.has(field))
const ORIGIN: readonly string[] = ['takenAt', 'topic', 'incarnation', 'partition']
const IS_ORIGIN = ORDER_CHANGES_COLUMNS.map(({ field }) => ORIGIN.includes(field))
const REVISION = ORDER_CHANGES_COLUMNS.findIndex(({ field }) => field === 'revision')
const scratch: Span = { start: 0, end: 0 }

type Kinds = {
  [Field in keyof ChangeRow]: ChangeRow[Field] extends readonly unknown[]
    ? ArrayColumn
    : Field extends 'topic' | 'incarnation'
      ? DictionaryColumn
      : ChangeRow[Field] extends string
        ? TextColumn
        : null extends ChangeRow[Field]
          ? NullableColumn
          : FixedColumn
}

type Items = {
  [Field in keyof ChangeRow as ChangeRow[Field] extends readonly unknown[] ? Field : never]: ItemColumn<
    ChangeRow[Field]
  >
}
type ItemColumn<List> = List extends readonly (infer Item)[]
  ? [Item] extends [string]
    ? TextColumn
    : [null] extends [Item]
      ? NullableColumn
      : FixedColumn
  : never

/** The columns by the fields of a row. Every one is what its type in the table says. */
function byField({ columns }: NativeBlock): Kinds {
  return Object.fromEntries(
    ORDER_CHANGES_COLUMNS.map(({ field }, i) => [field, columns[i]!]),
  ) as unknown as Kinds
}

/** The same of the items of arrays. */
function itemsOf(columns: Kinds): Items {
  const arrays = Object.entries(columns).filter(([, column]) => column instanceof ArrayColumn)
  return Object.fromEntries(arrays.map(([field, column]) => [field, (column as ArrayColumn).inner])) as Items
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
