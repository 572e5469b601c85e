/**
 * The booked axis of an order: which amount belongs to which day. A pure function of what was seen of the order, in
 * whatever order it came, so that shuffled or repeated events book the same.
 *
 * The versions are walked from the first that counts: it books the sale on the day of a payment known to it, else on
 * the sale day. Every later version books its difference at the instant it took effect, a refund books −amount at its
 * own. An order that stops counting books away what is left of it, and back if it counts again. So the entries always
 * sum to gross − refunds where the order counts at the end, and to nothing where it does not.
 */

/** The content that stands for one version: the last that was accepted at it. */
export interface Sighting {
  /** When the version took effect. */
  at: number
  paidAt: number | null
  placedAt: number
  kind: string
  counts: boolean
  currency: string
  /** Before refunds, 1/10,000 units. */
  gross: number
  units: number
}

export interface BookedRefund {
  id: string
  at: number
  amount: number
  units: number
}

export interface BookInput {
  /** By version, one for each. */
  sightings: readonly Sighting[]
  refunds: readonly BookedRefund[]
  cancellations: readonly { at: number }[]
  payments: readonly { at: number }[]
}

export interface BookedEntry {
  at: number
  kind: string
  /** Id of the refund, else empty. */
  reference: string
  currency: string
  amount: number
  orders: number
  units: number
}

export interface Booking {
  entries: BookedEntry[]
  /** Whether the order counts at the end. */
  counts: boolean
  /** True where a cancellation that came by itself is what stopped it. */
  cancelledByList: boolean
}

type Step =
  | { type: 'sighting'; sighting: Sighting }
  | { type: 'refund'; refund: BookedRefund }
  | { type: 'cancellation'; at: number }

/** What is booked so far: the amounts that the next difference is taken from. */
interface Ledger {
  entries: BookedEntry[]
  counts: boolean
  cancelledByList: boolean
  kind: string
  currency: string
  gross: number
  units: number
  refunded: number
  refundedUnits: number
}

export function bookEntries(input: BookInput): Booking {
  const first = input.sightings.findIndex((sighting) => sighting.counts)
  if (first === -1) return { entries: [], counts: false, cancelledByList: false }
  const ledger = openLedger(input.sightings[first]!, input.payments)
  for (const step of stepsAfter(first, input)) {
    if (step.type === 'sighting') bookSighting(ledger, step.sighting)
    else if (step.type === 'refund') bookRefund(ledger, step.refund)
    else if (ledger.counts) bookCancellation(ledger, step.at)
  }
  const entries = ledger.entries.filter(
    (e) => e.amount !== 0 || e.orders !== 0 || e.units !== 0 || e.reference !== '',
  )
  return { entries, counts: ledger.counts, cancelledByList: ledger.cancelledByList }
}

function openLedger(sale: Sighting, payments: readonly { at: number }[]): Ledger {
  const known = payments.filter((payment) => payment.at <= sale.at).map((payment) => payment.at)
  const paid = [...(sale.paidAt === null ? [] : [sale.paidAt]), ...known]
  const at = paid.length > 0 ? Math.min(...paid) : sale.placedAt
  const { kind, currency, gross, units } = sale
  const entry = { at, kind, reference: '', currency, amount: gross, orders: kind === 'sale' ? 1 : 0, units }
  return {
    entries: [entry],
    counts: true,
    cancelledByList: false,
    kind,
    currency,
    gross,
    units,
    refunded: 0,
    refundedUnits: 0,
  }
}

/** The rest of the life in its order: versions as they rise, refunds and cancellations between them by their instant. */
function stepsAfter(first: number, { sightings, refunds, cancellations }: BookInput): Step[] {
  const opening = sightings[first]!
  const loose: Exclude<Step, { type: 'sighting' }>[] = [
    ...refunds.map((refund) => ({ type: 'refund' as const, refund })),
    ...cancellations
      .filter((c) => c.at > opening.at)
      .map((c) => ({ type: 'cancellation' as const, at: c.at })),
  ].sort(byInstant)
  const steps: Step[] = []
  for (const sighting of sightings.slice(first + 1)) {
    while (loose.length > 0 && comesBefore(loose[0]!, sighting)) steps.push(loose.shift()!)
    steps.push({ type: 'sighting', sighting })
  }
  return [...steps, ...loose]
}

type Loose = Exclude<Step, { type: 'sighting' }>

/** Of equal instants a refund goes before the version that stops counting, so that it is seen as a refund. */
function comesBefore(step: Loose, sighting: Sighting): boolean {
  if (step.type === 'refund' && !sighting.counts) return step.refund.at <= sighting.at
  return instantOf(step) < sighting.at
}

function instantOf(step: Loose): number {
  return step.type === 'refund' ? step.refund.at : step.at
}

function byInstant(a: Loose, b: Loose): number {
  const order = instantOf(a) - instantOf(b)
  if (order !== 0) return order
  if (a.type !== b.type) return a.type === 'refund' ? -1 : 1
  return a.type === 'refund' && b.type === 'refund' ? (a.refund.id < b.refund.id ? -1 : 1) : 0
}

function bookSighting(ledger: Ledger, next: Sighting): void {
  if (!next.counts) {
    if (ledger.counts) bookAway(ledger, next.at, 'cancel')
    Object.assign(ledger, { counts: false, cancelledByList: false })
    return
  }
  const renamed = next.kind !== ledger.kind || next.currency !== ledger.currency
  if (ledger.counts && renamed) bookAway(ledger, next.at, 'edit')
  const from = ledger.counts && !renamed ? { amount: ledger.gross, units: ledger.units } : refundedOf(ledger)
  const kind = ledger.counts ? 'edit' : 'restore'
  const orders = ledger.counts && !renamed ? 0 : 1
  const { gross, units, currency } = next
  Object.assign(ledger, { kind: next.kind, currency, gross, units, counts: true, cancelledByList: false })
  push(ledger, { at: next.at, kind, amount: gross - from.amount, units: units - from.units, orders })
}

/** What must stay out when the whole order is booked back: refunds that are booked already, or were while it slept. */
function refundedOf(ledger: Ledger): { amount: number; units: number } {
  return { amount: ledger.refunded, units: ledger.refundedUnits }
}

function bookAway(ledger: Ledger, at: number, kind: 'cancel' | 'edit'): void {
  const amount = -(ledger.gross - ledger.refunded)
  push(ledger, { at, kind, amount, units: -(ledger.units - ledger.refundedUnits), orders: -1 })
}

function bookCancellation(ledger: Ledger, at: number): void {
  bookAway(ledger, at, 'cancel')
  Object.assign(ledger, { counts: false, cancelledByList: true })
}

function bookRefund(ledger: Ledger, { id, at, amount, units }: BookedRefund): void {
  ledger.refunded += amount
  ledger.refundedUnits += units
  if (!ledger.counts) return
  ledger.entries.push({
    at,
    kind: 'refund',
    reference: id,
    currency: ledger.currency,
    amount: -amount,
    orders: 0,
    units: -units,
  })
}

/** Credits and adjustments keep their own kind in every entry, and are no orders. */
function push(ledger: Ledger, entry: Omit<BookedEntry, 'currency' | 'reference'>): void {
  const isSale = ledger.kind === 'sale'
  ledger.entries.push({
    ...entry,
    kind: isSale ? entry.kind : ledger.kind,
    orders: isSale ? entry.orders : 0,
    reference: '',
    currency: ledger.currency,
  })
}
