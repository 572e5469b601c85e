/**
 * An order in each quarter of an hour from the day before a change of the clock to the day after it, and what became of
 * some of them across the change; and what that comes to by local hour, cut by asking Intl for each instant.
 */
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { decimalText } from '../oracle/exact-decimal.ts'
import { dayIn } from '../oracle/local-days.ts'
import { iso } from '../oracle/snapshot.ts'
import { SOURCE } from './shops.ts'

const QUARTER_MS = 900_000
const HOUR_MS = 4 * QUARTER_MS
/** From the change to either side. */
const SPAN_MS = 36 * HOUR_MS
/** Not at the beginning of the quarter, so that a row that is cut a moment too early or too late shows. */
const INTO_QUARTER_MS = 14 * 60_000 + 59_999

export interface Entry {
  axis: 'booked' | 'sale'
  at: number
  amountE4: bigint
  orders: number
}

export interface Tick {
  orderId: string
  events: object[]
  entries: Entry[]
}

/** `offsetE4` tells the amounts of one tenant from those of another. */
export function ticksAround(tenant: TenantConfig, changeMs: number, offsetE4: bigint): Tick[] {
  const from = Math.floor((changeMs - SPAN_MS) / QUARTER_MS) * QUARTER_MS
  return Array.from({ length: (2 * SPAN_MS) / QUARTER_MS }, (_, n) =>
    tick(tenant, {
      n,
      placedAt: from + n * QUARTER_MS + INTO_QUARTER_MS,
      amountE4: offsetE4 + BigInt(n) * 10_000n,
    }),
  )
}

interface Placed {
  n: number
  placedAt: number
  amountE4: bigint
}

/** Every fifth is given back in part, every seventh edited, every eleventh cancelled: a day later, over the change. */
function tick(tenant: TenantConfig, { n, placedAt, amountE4 }: Placed): Tick {
  const orderId = `${iso(placedAt).slice(0, 10)}/${n}`
  const later = placedAt + 24 * HOUR_MS
  const head = (at: number, version: number) => ({
    ...{ schemaVersion: 1, tenant: tenant.id, source: SOURCE, orderId, version, changedAt: iso(at) },
  })
  const order = (at: number, version: number, totalE4: bigint) => ({
    ...{ type: 'order', ...head(at, version), status: 'completed', placedAt: iso(placedAt) },
    ...{ currency: tenant.currency, total: decimalText(totalE4), lines: [] },
  })
  const told = (amount: bigint, orders: number, at: number): Entry[] => [
    { axis: 'booked', at, amountE4: amount, orders },
    { axis: 'sale', at: placedAt, amountE4: amount, orders },
  ]
  const placed = { orderId, events: [order(placedAt, 1, amountE4)], entries: told(amountE4, 1, placedAt) }
  const then = (event: object, entries: Entry[]): Tick => ({
    orderId,
    events: [...placed.events, event],
    entries: [...placed.entries, ...entries],
  })
  if (n % 5 === 0) {
    const refund = { id: 'r', at: iso(later), amount: decimalText(33_300n) }
    return then({ type: 'order.refund', ...head(later, 2), refund }, told(-33_300n, 0, later))
  }
  if (n % 7 === 0) return then(order(later, 2, amountE4 + 70_700n), told(70_700n, 0, later))
  if (n % 11 !== 0) return placed
  const cancellation = { id: 'x', at: iso(later) }
  return then({ type: 'order.cancellation', ...head(later, 2), cancellation }, told(-amountE4, -1, later))
}

/** `axis day hour quarter`, the quarter in UTC: a doubled hour has twice as many of them, a missing one none. */
export function sumsOf(zone: string, ticks: readonly Tick[]): Map<string, string> {
  const sums = new Map<string, { amountE4: bigint; orders: number }>()
  for (const { axis, at, amountE4, orders } of ticks.flatMap(({ entries }) => entries)) {
    const quarter = iso(Math.floor(at / QUARTER_MS) * QUARTER_MS).slice(0, 16)
    const key = `${axis} ${dayIn(zone, at)} ${hourIn(zone, at)} ${quarter}`
    const sum = sums.get(key) ?? { amountE4: 0n, orders: 0 }
    sums.set(key, { amountE4: sum.amountE4 + amountE4, orders: sum.orders + orders })
  }
  return new Map(
    [...sums].map(([key, { amountE4, orders }]) => [key, `${decimalText(amountE4)} in ${orders}`]),
  )
}

const formats = new Map<string, Intl.DateTimeFormat>()

export function hourIn(zone: string, ms: number): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
  formats.set(zone, format)
  return Number(format.format(ms))
}
