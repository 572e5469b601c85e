/** What changes of customers become: rows of ClickHouse, and events of the topic `segments`. */
import { fromE4 } from '../../core/contracts/money.ts'
import type { SegmentResult } from '../../core/contracts/results.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { CustomerBook, CustomerChange } from './customer-book.ts'
import { scoresOf, UNSCORED } from './rfm-columns.ts'
import { partitionOf, SEGMENT_MODES, type SegmentModeId } from './segments.ts'

/** Raised with each change of what a score or a segment means. */
const MODEL_VERSION = 1

export interface SegmentNaming {
  mode: SegmentModeId
  model: string
  /** The segment's id by cell; empty for whoever is not scored. */
  of(cell: number): string
  /** In the mode's order. */
  ids: readonly string[]
}

export function segmentNaming(mode: SegmentModeId): SegmentNaming {
  const { segments } = SEGMENT_MODES[mode]
  const partition = partitionOf(SEGMENT_MODES[mode])
  return {
    mode,
    model: `rfm-${mode}-${MODEL_VERSION}`,
    of: (cell) => (cell === UNSCORED ? '' : segments[partition[cell]!]!.id),
    ids: segments.map(({ id }) => id),
  }
}

/** Of whom and when. */
export interface Occasion {
  tenant: string
  currency: string
  /** Wall clock, and the tenant's local day then. */
  at: number
  day: string
}

type Row = Record<string, string | number>

const NO_SCORES = { recency: 0, frequency: 0, monetary: 0 }

export function changeRow(change: CustomerChange, naming: SegmentNaming, occasion: Occasion): Row {
  const { customer, revision, cell, cellBefore, firstDay, lastDay, orders, revenueE4 } = change
  return {
    ...headOf(occasion),
    day: occasion.day,
    customer,
    revision,
    mode: naming.mode,
    came_from: naming.of(cellBefore),
    segment: naming.of(cell),
    ...(cell === UNSCORED ? NO_SCORES : scoresOf(cell)),
    first_day: formatDay(firstDay),
    last_day: formatDay(lastDay),
    // Net of cancellations a source may tell of before the sale; for a while it is none then.
    orders: Math.max(0, orders),
    revenue: fromE4(revenueE4),
  }
}

/** Undefined where the customer stays in its segment. */
export function moveEvent(
  change: CustomerChange,
  naming: SegmentNaming,
  occasion: Occasion,
): SegmentResult | undefined {
  const [from, to] = [naming.of(change.cellBefore), naming.of(change.cell)]
  if (from === to) return undefined
  const { tenant, currency, at, day } = occasion
  return {
    type: 'segment',
    schemaVersion: 1,
    tenant,
    computedAt: new Date(at).toISOString(),
    model: naming.model,
    eventId: `${naming.model}/${change.revision}`,
    customerId: change.customer,
    from: from === '' ? null : from,
    to: to === '' ? null : to,
    recencyDays: change.lastDay === 0 ? null : Math.max(0, parseDay(day) - change.lastDay),
    frequency: Math.max(0, change.orders),
    currency,
    monetary: fromE4(change.revenueE4),
  }
}

/** A row for each segment, the empty ones too: what it held before is over. */
export function dayRows(book: CustomerBook, naming: SegmentNaming, occasion: Occasion): Row[] {
  const { customers, revenueE4 } = book.sums()
  const sums = new Map(naming.ids.map((id) => [id, { customers: 0, revenueE4: 0 }]))
  customers.forEach((count, cell) => {
    const sum = sums.get(naming.of(cell))!
    sum.customers += count
    sum.revenueE4 += revenueE4[cell]!
  })
  return [...sums].map(([segment, sum]) => ({
    ...headOf(occasion),
    day: occasion.day,
    segment,
    customers: sum.customers,
    revenue: fromE4(sum.revenueE4),
  }))
}

const headOf = ({ tenant, currency, at }: Occasion) => ({ tenant, currency, at: new Date(at).toISOString() })
