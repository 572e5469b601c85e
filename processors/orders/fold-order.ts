/**
 * The state of an order as a fold over its sightings (EXACTNESS.md, "What counts"). Pure: the row as it is and one
 * fact in, the row as it will be out, or nothing where the fact changes nothing.
 */
import { emptyOrderRow, type OrderRow, setList } from '../../clickhouse/native/order-row.ts'
import type { OrderFact } from '../../core/contracts/events.ts'
import { deriveRow } from './derive-row.ts'
import { mergeLists } from './merge-lists.ts'
import { type Snapshot, snapshotOf } from './order-content.ts'

export interface FoldOutcome {
  /** The next state with its revision; undefined: no stored column would change. */
  row: OrderRow | undefined
  /** Two contents were seen at one version: ask the source which one is right. */
  reread: boolean
}

/** Throws `ORDER_TOO_LARGE`, `ORDER_LISTS_FULL`. */
export function foldOrder(before: OrderRow | undefined, fact: OrderFact, timeZone: string): FoldOutcome {
  const row = { ...(before ?? emptyOrderRow(fact.tenant, fact.source, fact.orderId)) }
  const listsChanged = mergeLists(row, fact, timeZone)
  const seen = fact.type === 'order' ? takeSighting(row, snapshotOf(fact)) : NOTHING_SEEN
  return outcomeOf(row, fact.role, timeZone, listsChanged, seen)
}

/** The same of a snapshot that carries no lists. */
export function foldSnapshot(
  before: OrderRow | undefined,
  snapshot: Snapshot,
  timeZone: string,
): FoldOutcome {
  const row = { ...(before ?? emptyOrderRow(snapshot.tenant, snapshot.source, snapshot.orderId)) }
  return outcomeOf(row, snapshot.role, timeZone, false, takeSighting(row, snapshot))
}

interface Seen {
  changed: boolean
  reread: boolean
}

const NOTHING_SEEN: Seen = { changed: false, reread: false }

function outcomeOf(
  row: OrderRow,
  role: string,
  zone: string,
  listsChanged: boolean,
  seen: Seen,
): FoldOutcome {
  if (!listsChanged && !seen.changed) return { row: undefined, reread: false }
  row.role = role
  row.revision += 1
  deriveRow(row, zone)
  return { row, reread: seen.reread }
}

function takeSighting(row: OrderRow, snapshot: Snapshot): Seen {
  const { hash, settles } = snapshot
  const rivals = sameVersion(row, snapshot.version)
  const known = rivals.find((index) => row.sightingHash[index] === hash)
  const winner = rivals.at(-1)
  if (known !== undefined && (known === winner || !settles)) return NOTHING_SEEN
  // A re-read settles a version for content seen before: it moves behind its rivals, where the winner stands.
  if (known !== undefined) removeSighting(row, known)
  insertSighting(row, snapshot)
  const isPresent = snapshot.version >= row.version || row.sightingVersion.length === 1
  if (isPresent) applyContent(row, snapshot)
  return { changed: true, reread: winner !== undefined && !settles }
}

function sameVersion(row: OrderRow, version: number): number[] {
  return row.sightingVersion.flatMap((seen, index) => (seen === version ? [index] : []))
}

/** The parallel arrays of sightings, for what must touch all of them alike. */
const SIGHTING_FIELDS = [
  'sightingVersion',
  'sightingHash',
  'sightingAt',
  'sightingPaidAt',
  'sightingPlacedAt',
  'sightingKind',
  'sightingStatus',
  'sightingCounts',
  'sightingCurrency',
  'sightingGross',
  'sightingUnits',
] as const

function removeSighting(row: OrderRow, index: number): void {
  for (const field of SIGHTING_FIELDS) setList(row, field, row[field].toSpliced(index, 1))
}

/** By version, and behind those of the same version: the last of a version stands for it. */
function insertSighting(row: OrderRow, { version, changedAt, content, hash }: Snapshot): void {
  const later = row.sightingVersion.findIndex((other) => other > version)
  const index = later === -1 ? row.sightingVersion.length : later
  const values = {
    sightingVersion: version,
    sightingHash: hash,
    sightingAt: !content.counts && content.cancelledAt !== null ? content.cancelledAt : changedAt,
    sightingPaidAt: content.paidAt,
    sightingPlacedAt: content.placedAt,
    sightingKind: content.kind,
    sightingStatus: content.status,
    sightingCounts: content.counts ? 1 : 0,
    sightingCurrency: content.currency,
    sightingGross: content.gross,
    sightingUnits: content.units,
  }
  for (const field of SIGHTING_FIELDS) {
    const items: readonly unknown[] = row[field]
    setList(row, field, items.toSpliced(index, 0, values[field]))
  }
}

function applyContent(row: OrderRow, { version, changedAt, content }: Snapshot): void {
  const { references, lines } = content
  row.kind = content.kind
  row.placedAt = content.placedAt
  row.paidAt = content.paidAt
  row.cancelledAt = content.cancelledAt
  row.customer = content.customer
  row.currency = content.currency
  row.region = content.region
  row.state = content.state
  row.country = content.country
  row.channel = content.channel
  row.salesRep = content.salesRep
  row.discount = content.discount
  row.shipping = content.shipping
  row.tax = content.tax
  row.statedTotal = content.statedTotal
  row.gross = content.gross
  row.paymentFingerprint = content.paymentFingerprint
  row.shipToHash = content.shipToHash
  row.version = version
  row.changedAt = changedAt
  row.referenceSystem = references.map((reference) => reference.system)
  row.referenceId = references.map((reference) => reference.id)
  row.lineSku = lines.map((line) => line.sku)
  row.lineName = lines.map((line) => line.name)
  row.lineCategory = lines.map((line) => line.category)
  row.lineQuantity = lines.map((line) => line.quantity)
  row.lineUnitPrice = lines.map((line) => line.unitPrice)
  row.lineUnitCost = lines.map((line) => line.unitCost)
  row.lineAmount = lines.map((line) => line.amount)
}
