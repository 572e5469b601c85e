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
  version: number
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

/** A fact that came by itself, with the first version of the order at which its source told it. */
export interface Told {
  version: number
  at: number
}

export interface BookInput {
  /** By version, one for each. */
  sightings: readonly Sighting[]
  refunds: readonly BookedRefund[]
  cancellations: readonly Told[]
  payments: readonly Told[]
}

export interface BookedEntry {
  at: number
  kind: string
  /** Id of the refund, else empty. */
  reference: string
  currency: string
  amount: number
  /** +1, -1 or 0: orders, or credits or adjustments where the kind is one. */
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
  const { sightings, refunds, cancellations, payments } = input
  if (refunds.length + cancellations.length + payments.length === 0) return bookSightings(sightings)
  const states = statesOf(input)
  const first = states.findIndex((state) => state.type === 'sighting' && state.sighting.counts)
  const opening = states[first]
  if (opening?.type !== 'sighting')
    return { entries: [], counts: false, cancelledByList: states.at(-1)?.type === 'cancellation' }
  const ledger = openLedger(opening.sighting, input.payments)
  for (const step of withRefunds(states.slice(first + 1), refunds)) {
    if (step.type === 'sighting') bookSighting(ledger, step.sighting)
    else if (step.type === 'refund') bookRefund(ledger, step.refund)
    else bookCancellation(ledger, step.at)
  }
  return bookingOf(ledger)
}

/** The same of an order of which nothing came by itself, which nearly all are. */
function bookSightings(sightings: readonly Sighting[]): Booking {
  let ledger: Ledger | undefined
  for (let i = 0; i < sightings.length; i++) {
    const sighting = sightings[i]!
    if (ledger !== undefined) bookSighting(ledger, sighting)
    else if (sighting.counts) ledger = openLedger(sighting, NO_PAYMENTS)
  }
  return ledger === undefined ? { entries: [], counts: false, cancelledByList: false } : bookingOf(ledger)
}

const NO_PAYMENTS: readonly Told[] = []

function bookingOf({ entries, counts, cancelledByList }: Ledger): Booking {
  return { entries: entries.length === 1 ? entries : entries.filter(isThere), counts, cancelledByList }
}

/** The opening entry stays though it be nothing: it says on which day the order stands. */
function isThere(e: BookedEntry, i: number): boolean {
  return i === 0 || e.amount !== 0 || e.orders !== 0 || e.units !== 0 || e.reference !== ''
}

function openLedger(sale: Sighting, payments: readonly Told[]): Ledger {
  const { kind, currency, gross, units } = sale
  let paid = sale.paidAt ?? Number.POSITIVE_INFINITY
  for (const payment of payments) if (payment.version <= sale.version) paid = Math.min(paid, payment.at)
  const at = paid === Number.POSITIVE_INFINITY ? sale.placedAt : paid
  return {
    entries: [{ at, kind, reference: '', currency, amount: gross, orders: 1, units }],
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

type State = Exclude<Step, { type: 'refund' }>

/**
 * What the order was, one after the other, by version: the clocks of sources tick in whole seconds, their versions do
 * not lie. A cancellation follows the snapshot of its own version. Without any snapshot there is no order to cancel.
 */
function statesOf({ sightings, cancellations }: BookInput): State[] {
  if (sightings.length === 0) return []
  const told = cancellations.toSorted((a, b) => a.version - b.version || a.at - b.at)
  const states: State[] = []
  for (const [index, sighting] of sightings.entries()) {
    states.push({ type: 'sighting', sighting })
    const next = sightings[index + 1]?.version ?? Number.POSITIVE_INFINITY
    for (const { version, at } of told)
      if (version >= sighting.version && version < next) states.push({ type: 'cancellation', at })
  }
  return states
}

/** Refunds stand between the states by their instant; of equal ones before what stops counting, to be seen as refunds. */
function withRefunds(states: readonly State[], refunds: readonly BookedRefund[]): Step[] {
  const waiting = refunds.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const steps: Step[] = []
  for (const state of states) {
    const [at, counts] =
      state.type === 'sighting' ? [state.sighting.at, state.sighting.counts] : [state.at, false]
    while (waiting.length > 0 && (waiting[0]!.at < at || (waiting[0]!.at === at && !counts)))
      steps.push({ type: 'refund', refund: waiting.shift()! })
    steps.push(state)
  }
  return [...steps, ...waiting.map((refund) => ({ type: 'refund' as const, refund }))]
}

function bookSighting(ledger: Ledger, next: Sighting): void {
  if (!next.counts) {
    if (ledger.counts) bookAway(ledger, next.at, 'cancel')
    ledger.counts = false
    ledger.cancelledByList = false
    return
  }
  const renamed = next.kind !== ledger.kind || next.currency !== ledger.currency
  if (ledger.counts && renamed) bookAway(ledger, next.at, 'edit')
  const continues = ledger.counts && !renamed
  const kind = ledger.counts ? 'edit' : 'restore'
  // Booked back as a whole, refunds must stay out: they are booked already, or were while it slept.
  const amount = next.gross - (continues ? ledger.gross : ledger.refunded)
  const units = next.units - (continues ? ledger.units : ledger.refundedUnits)
  ledger.kind = next.kind
  ledger.currency = next.currency
  ledger.gross = next.gross
  ledger.units = next.units
  ledger.counts = true
  ledger.cancelledByList = false
  push(ledger, next.at, kind, amount, units, continues ? 0 : 1)
}

function bookAway(ledger: Ledger, at: number, kind: 'cancel' | 'edit'): void {
  const amount = -(ledger.gross - ledger.refunded)
  push(ledger, at, kind, amount, -(ledger.units - ledger.refundedUnits), -1)
}

function bookCancellation(ledger: Ledger, at: number): void {
  if (ledger.counts) bookAway(ledger, at, 'cancel')
  ledger.counts = false
  ledger.cancelledByList = true
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

/** Credits and adjustments keep their own kind in every entry. */
function push(
  { entries, kind, currency }: Ledger,
  at: number,
  step: string,
  amount: number,
  units: number,
  orders: number,
): void {
  entries.push({ at, kind: kind === 'sale' ? step : kind, reference: '', currency, amount, orders, units })
}
