/**
 * An order of which all that is known are ordinary compact snapshots (derive-first.ts), each newer than the one before:
 * nearly every order that is seen again. It is kept as their bytes, and what they come to is read from them again.
 */
import { HAS } from '../../core/contracts/compact/layout.ts'
import { CompactScan } from '../../core/contracts/compact/scan-order.ts'
import { ORDER_KINDS } from '../../core/contracts/order.ts'
import { ORDER_STATUSES } from '../../core/contracts/status.ts'
import { type Booking, bookEntries, type Sighting } from './book-entries.ts'
import { Derived, deriveFirst } from './derive-first.ts'
import type { LocalClock } from './local-clock.ts'
import { textOf } from './order-key.ts'

/** The newest snapshot, behind those before it. */
export interface KnownOrder {
  bytes: Uint8Array
  start: number
  end: number
  version: number
  /** Number of snapshots, this one among them. */
  depth: number
  before: KnownOrder | undefined
}

/** One more is folded as a row: such an order is edited all the time, and rows of it are at hand soon. */
export const MAX_DEPTH = 4

/** What one snapshot leaves in the order's lists. */
export interface ScannedSighting extends Sighting {
  status: string
  /** 16 hex digits, ASCII. */
  hash: Uint8Array
}

/** An order as it is after its newest snapshot, which scan and derived hold. */
export interface ScannedOrder {
  scan: CompactScan
  derived: Derived
  sightings: ScannedSighting[]
  booking: Booking
}

const scan = new CompactScan()
const derived = new Derived()

/** The order as it is known; valid until the next call. */
export function scanKnown(known: KnownOrder, clock: LocalClock): ScannedOrder {
  const sightings: ScannedSighting[] = []
  eachSnapshot(known, clock, () => sightings.push(sightingOf(scan, derived)))
  return { scan, derived, sightings, booking: bookingOf(sightings) }
}

/** Calls with the scan and what was derived of each snapshot, the oldest first. */
export function eachSnapshot(
  { bytes, start, end, before }: KnownOrder,
  clock: LocalClock,
  visit: (scan: CompactScan, derived: Derived) => void,
): void {
  if (before !== undefined) eachSnapshot(before, clock, visit)
  // It was judged when it came.
  if (!scan.readTrusted(bytes, start, end) || !deriveFirst(scan, Number.POSITIVE_INFINITY, clock, derived))
    throw new Error('an ordinary order is no longer one')
  visit(scan, derived)
}

/** The order with one snapshot more, which is newer than all of the known ones. */
export function scanNext(former: ScannedOrder, next: CompactScan, nextDerived: Derived): ScannedOrder {
  const sightings = [...former.sightings, sightingOf(next, nextDerived)]
  return { scan: next, derived: nextDerived, sightings, booking: bookingOf(sightings) }
}

function bookingOf(sightings: readonly ScannedSighting[]): Booking {
  return bookEntries({ sightings, refunds: [], cancellations: [], payments: [] })
}

function sightingOf(from: CompactScan, of: Derived): ScannedSighting {
  const { start, end } = from.currency
  return {
    version: from.version,
    at: of.sightingAt,
    paidAt: from.has & HAS.paidAt ? from.paidAt : null,
    placedAt: from.placedAt,
    kind: ORDER_KINDS[from.kind]!,
    counts: of.counts,
    currency: textOf(from.bytes, start, end),
    gross: of.gross,
    units: of.units,
    status: ORDER_STATUSES[from.status]!,
    hash: of.hashHex.slice(),
  }
}
