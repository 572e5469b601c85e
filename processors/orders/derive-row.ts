/** Everything in a row that follows from its sightings and lists: what counts, its days, its booked entries. */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { MAX_AMOUNT_E4 } from '../../core/contracts/money.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { localDay, localHour } from '../../core/runtime/local-time.ts'
import { type BookedRefund, type Booking, bookEntries, type Sighting, type Told } from './book-entries.ts'

/** Fills the derived columns of a row of which sightings, lists and present content are set. */
export function deriveRow(row: OrderRow, timeZone: string): void {
  const refunds = refundsOf(row)
  const booking = bookEntries({
    sightings: winners(row),
    refunds,
    cancellations: told(row.cancellationSince, row.cancellationAt),
    payments: told(row.paymentSince, row.paymentAt),
  })
  row.zone = timeZone
  if (row.sightingVersion.length > 0) {
    row.saleDay = localDay(row.placedAt, timeZone)
    row.saleHour = localHour(row.placedAt, timeZone)
  }
  row.counts = booking.counts ? 1 : 0
  row.status = booking.cancelledByList ? 'cancelled' : (row.sightingStatus.at(-1) ?? 'unknown')
  row.refunded = exact(refunds.reduce((sum, refund) => sum + refund.amount, 0))
  row.net = booking.counts ? exact(row.gross - row.refunded) : 0
  fillEntries(row, booking, timeZone)
}

function fillEntries(row: OrderRow, { entries }: Booking, timeZone: string): void {
  row.bookedAt = entries.map((entry) => entry.at)
  row.bookedDay = entries.map((entry) => localDay(entry.at, timeZone))
  row.bookedHour = entries.map((entry) => localHour(entry.at, timeZone))
  row.bookedKind = entries.map((entry) => entry.kind)
  row.bookedReference = entries.map((entry) => entry.reference)
  row.bookedCurrency = entries.map((entry) => entry.currency)
  row.bookedAmount = entries.map((entry) => exact(entry.amount))
  row.bookedOrders = entries.map((entry) => entry.orders)
  row.bookedUnits = entries.map((entry) => exact(entry.units))
}

/** Sightings are sorted by version and arrival: the last of each version stands for it. */
function winners(row: OrderRow): Sighting[] {
  return row.sightingVersion.flatMap((version, index) => {
    if (row.sightingVersion[index + 1] === version) return []
    return [
      {
        version,
        at: row.sightingAt[index]!,
        paidAt: row.sightingPaidAt[index]!,
        placedAt: row.sightingPlacedAt[index]!,
        kind: row.sightingKind[index]!,
        counts: row.sightingCounts[index] === 1,
        currency: row.sightingCurrency[index]!,
        gross: row.sightingGross[index]!,
        units: row.sightingUnits[index]!,
      },
    ]
  })
}

function told(versions: readonly number[], instants: readonly number[]): Told[] {
  return versions.map((version, index) => ({ version, at: instants[index]! }))
}

function refundsOf(row: OrderRow): BookedRefund[] {
  return row.refundId.map((id, index) => ({
    id,
    at: row.refundAt[index]!,
    amount: row.refundAmount[index]!,
    units: row.refundLineRefund.reduce(
      (sum, of, line) => (of === id ? sum + row.refundLineQuantity[line]! : sum),
      0,
    ),
  }))
}

function exact(valueE4: number): number {
  if (Math.abs(valueE4) < 2 * MAX_AMOUNT_E4) return valueE4
  throw new RevwallError('ORDER_TOO_LARGE', 'the refunds or differences of the order reach 10^11')
}
