/**
 * The state of an order as a fold over its sightings (EXACTNESS.md, "What counts"). Pure: the row as it is and one
 * fact in, the row as it will be out, or nothing where the fact changes nothing.
 */
import { emptyOrderRow, type OrderRow } from '../../clickhouse/native/order-row.ts'
import type { OrderFact } from '../../core/contracts/events.ts'
import type { OrderEvent } from '../../core/contracts/order.ts'
import { deriveRow } from './derive-row.ts'
import { mergeLists } from './merge-lists.ts'
import { contentHash, contentOf, type OrderContent } from './order-content.ts'

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
  const seen = fact.type === 'order' ? takeSighting(row, fact) : { changed: false, reread: false }
  if (!listsChanged && !seen.changed) return { row: undefined, reread: false }
  row.role = fact.role
  row.revision += 1
  deriveRow(row, timeZone)
  return { row, reread: seen.reread }
}

function takeSighting(row: OrderRow, event: OrderEvent): { changed: boolean; reread: boolean } {
  const content = contentOf(event)
  const hash = contentHash(event, content)
  const rivals = sameVersion(row, event.version)
  const known = rivals.find((index) => row.sightingHash[index] === hash)
  const winner = rivals.at(-1)
  const settles = event.rereadOf !== null
  if (known !== undefined && (known === winner || !settles)) return { changed: false, reread: false }
  // A re-read settles a version for content seen before: it moves behind its rivals, where the winner stands.
  if (known !== undefined) removeSighting(row, known)
  insertSighting(row, event, content, hash)
  const isPresent = event.version >= row.version || row.sightingVersion.length === 1
  if (isPresent) applyContent(row, event, content)
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
  for (const field of SIGHTING_FIELDS) Object.assign(row, { [field]: row[field].toSpliced(index, 1) })
}

/** By version, and behind those of the same version: the last of a version stands for it. */
function insertSighting(row: OrderRow, event: OrderEvent, content: OrderContent, hash: string): void {
  const later = row.sightingVersion.findIndex((version) => version > event.version)
  const index = later === -1 ? row.sightingVersion.length : later
  const values = {
    sightingVersion: event.version,
    sightingHash: hash,
    sightingAt:
      !content.counts && content.cancelledAt !== null ? content.cancelledAt : Date.parse(event.changedAt),
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
    Object.assign(row, { [field]: items.toSpliced(index, 0, values[field]) })
  }
}

function applyContent(row: OrderRow, event: OrderEvent, content: OrderContent): void {
  const { counts: _counts, units: _units, references, lines, status: _status, ...fields } = content
  Object.assign(row, fields, {
    version: event.version,
    changedAt: Date.parse(event.changedAt),
    referenceSystem: references.map((reference) => reference.system),
    referenceId: references.map((reference) => reference.id),
    lineSku: lines.map((line) => line.sku),
    lineName: lines.map((line) => line.name),
    lineCategory: lines.map((line) => line.category),
    lineQuantity: lines.map((line) => line.quantity),
    lineUnitPrice: lines.map((line) => line.unitPrice),
    lineUnitCost: lines.map((line) => line.unitCost),
    lineAmount: lines.map((line) => line.amount),
  })
}
