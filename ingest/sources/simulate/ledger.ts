/**
 * What the shop knows that it sold: signed sums by date axis, local day and present status of the orders. The oracle
 * compares it with what revwall shows. Its size follows the number of days, never the number of orders.
 */
import { fromE4 } from '../../../core/contracts/money.ts'
import type { OrderStatus } from '../../../core/contracts/status.ts'
import { dayText } from './local-calendar.ts'

export const LEDGER_AXES = ['booked', 'sale'] as const
export type LedgerAxis = (typeof LEDGER_AXES)[number]

/** Exact integers of 1/10,000 units; refunds are negative and contained in the revenue. */
export interface Amounts {
  revenueE4: number
  refundsE4: number
  orders: number
  unitsE4: number
}

/** The sums of a bucket. */
export interface LedgerSums {
  revenueE4: bigint
  refundsE4: bigint
  orders: number
  unitsE4: bigint
}

export interface LedgerEntry extends LedgerSums {
  axis: LedgerAxis
  /** YYYY-MM-DD in the tenant's zone. */
  day: string
  status: OrderStatus
}

export interface SimulationLedger {
  /** Books amounts on a day of each axis; with `sign` −1 they are taken out again. */
  post(status: OrderStatus, days: PostingDays, amounts: Amounts, sign?: 1 | -1): void
  /** Buckets that hold something, by axis, day and status. */
  entries(): LedgerEntry[]
  total(axis: LedgerAxis): LedgerSums
}

/** Days since 1970-01-01. */
export interface PostingDays {
  booked: number
  sale: number
}

/** A sum that may pass 2^53: what is safe in a number is carried over into a bigint. */
interface Sum {
  carried: bigint
  rest: number
}
const CARRY_AT = 2 ** 52

interface Bucket {
  axis: LedgerAxis
  day: number
  status: OrderStatus
  revenue: Sum
  refunds: Sum
  units: Sum
  orders: number
}

export function createLedger(): SimulationLedger {
  const axes = LEDGER_AXES.map((axis) => ({ axis, statuses: new Map<OrderStatus, Map<number, Bucket>>() }))

  function bucketOf({ axis, statuses }: (typeof axes)[number], status: OrderStatus, day: number): Bucket {
    const days = statuses.get(status) ?? new Map<number, Bucket>()
    statuses.set(status, days)
    const bucket = days.get(day) ?? emptyBucket(axis, day, status)
    days.set(day, bucket)
    return bucket
  }
  const buckets = () =>
    axes.flatMap(({ statuses }) => [...statuses.values()].flatMap((days) => [...days.values()]))

  return {
    post(status, days, amounts, sign = 1) {
      for (const each of axes) add(bucketOf(each, status, days[each.axis]), amounts, sign)
    },
    entries: () =>
      buckets()
        .map(entryOf)
        .filter(
          (entry) =>
            entry.revenueE4 !== 0n || entry.refundsE4 !== 0n || entry.orders !== 0 || entry.unitsE4 !== 0n,
        )
        .sort((a, b) => compare(a.axis, b.axis) || compare(a.day, b.day) || compare(a.status, b.status)),
    total: (axis) =>
      addUp(
        buckets()
          .filter((bucket) => bucket.axis === axis)
          .map(entryOf),
      ),
  }
}

/** The entries as JSON, money and units as decimal strings. */
export function ledgerJson(ledger: SimulationLedger, head: Record<string, string | number>): string {
  const rows = ledger
    .entries()
    .map(({ axis, day, status, ...sums }) => ({ axis, day, status, ...textsOf(sums) }))
  const totals = Object.fromEntries(LEDGER_AXES.map((axis) => [axis, textsOf(ledger.total(axis))]))
  return `${JSON.stringify({ schemaVersion: 1, ...head, totals, rows }, null, 1)}\n`
}

function textsOf({ revenueE4, refundsE4, orders, unitsE4 }: LedgerSums) {
  return { revenue: fromE4(revenueE4), refunds: fromE4(refundsE4), orders, units: fromE4(unitsE4) }
}

function emptyBucket(axis: LedgerAxis, day: number, status: OrderStatus): Bucket {
  const nothing = (): Sum => ({ carried: 0n, rest: 0 })
  return { axis, day, status, revenue: nothing(), refunds: nothing(), units: nothing(), orders: 0 }
}

function add(bucket: Bucket, amounts: Amounts, sign: 1 | -1): void {
  carry(bucket.revenue, sign * amounts.revenueE4)
  carry(bucket.refunds, sign * amounts.refundsE4)
  carry(bucket.units, sign * amounts.unitsE4)
  bucket.orders += sign * amounts.orders
}

function carry(sum: Sum, amountE4: number): void {
  sum.rest += amountE4
  if (Math.abs(sum.rest) < CARRY_AT) return
  sum.carried += BigInt(sum.rest)
  sum.rest = 0
}

function entryOf({ axis, day, status, revenue, refunds, units, orders }: Bucket): LedgerEntry {
  const value = ({ carried, rest }: Sum) => carried + BigInt(rest)
  const sums = { revenueE4: value(revenue), refundsE4: value(refunds), orders, unitsE4: value(units) }
  return { axis, day: dayText(day), status, ...sums }
}

function addUp(entries: readonly LedgerSums[]): LedgerSums {
  const sums = { revenueE4: 0n, refundsE4: 0n, orders: 0, unitsE4: 0n }
  for (const { revenueE4, refundsE4, orders, unitsE4 } of entries) {
    sums.revenueE4 += revenueE4
    sums.refundsE4 += refundsE4
    sums.orders += orders
    sums.unitsE4 += unitsE4
  }
  return sums
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
