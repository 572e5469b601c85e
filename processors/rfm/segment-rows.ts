/** What changes of customers become: rows of ClickHouse, and events of the topic `segments`. */
import { fromE4 } from '../../core/contracts/money.ts'
import type { SegmentResult } from '../../core/contracts/results.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { scoresOf } from '../../core/segments/cells.ts'
import type { CustomerBook, CustomerChange } from './customer-book.ts'
import { type Division, segmentName } from './divisions.ts'
import { UNSCORED } from './rfm-columns.ts'

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

export function changeRow(change: CustomerChange, division: Division, occasion: Occasion): Row {
  const { customer, revision, cell, firstDay, lastDay, orders, revenueE4 } = change
  return {
    ...headOf(occasion),
    day: occasion.day,
    customer,
    revision,
    mode: division.mode,
    came_from: segmentName(division, change.segmentBefore),
    segment: segmentName(division, change.segment),
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
  division: Division,
  occasion: Occasion,
): SegmentResult | undefined {
  const { segment, segmentBefore } = change
  if (segment === segmentBefore) return undefined
  const { tenant, currency, day } = occasion
  return {
    type: 'segment',
    schemaVersion: 1,
    tenant,
    computedAt: headOf(occasion).at,
    model: division.model,
    eventId: `${division.model}/${change.revision}`,
    customerId: change.customer,
    from: segmentName(division, segmentBefore) || null,
    to: segmentName(division, segment) || null,
    recencyDays: change.lastDay === 0 ? null : Math.max(0, parseDay(day) - change.lastDay),
    frequency: Math.max(0, change.orders),
    currency,
    monetary: fromE4(change.revenueE4),
  }
}

/** A row for each segment, the empty ones too: what it held before is over. */
export function dayRows(book: CustomerBook, occasion: Occasion): Row[] {
  const { customers, revenueE4 } = book.sums()
  const { mode, ids } = book.division
  return ids.map((segment, at) => ({
    ...headOf(occasion),
    day: occasion.day,
    mode,
    segment,
    customers: customers[at]!,
    revenue: fromE4(revenueE4[at]!),
  }))
}

function headOf(occasion: Occasion): Head {
  const known = heads.get(occasion)
  if (known !== undefined) return known
  const { tenant, currency, at } = occasion
  const head = { tenant, currency, at: new Date(at).toISOString() }
  heads.set(occasion, head)
  return head
}

interface Head {
  tenant: string
  currency: string
  at: string
}
/** Thousands of rows have the same. */
const heads = new WeakMap<Occasion, Head>()
