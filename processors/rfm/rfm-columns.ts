/**
 * The columns that customers are scored from, and their domains.
 *
 * A row is a customer of one tenant, in one currency (the caller converts before), guests excluded. Rows with no orders
 * are free slots: no score, no part in any quantile. So a customer whose orders were all cancelled is none.
 */
export interface RfmColumns {
  /** The last counting order's day in the tenant's zone, in days since 1970-01-01. */
  lastDay: Int32Array
  /** Counting orders. A refund takes none away, a cancellation does. */
  orders: Int32Array
  /** Net of refunds, in 1/10,000 of the currency: integers within ±2^53, so exact. May be zero or negative. */
  monetaryE4: Float64Array
}

/** Rows `from` to before `to`. */
export interface RowRange {
  from: number
  to: number
}

/** 2000-01-01: the edge lets no earlier date in. */
export const FIRST_DAY = 10_957
/** Days from there that are told apart, to the year 2179; what lies outside counts as the nearest. */
export const DAY_COUNT = 65_536
/** Whoever ordered more often counts as this often: no quintile needs to tell such customers apart. */
export const MAX_ORDERS = 65_535

/** The cell of a free slot, and of everybody while there are fewer than MIN_CUSTOMERS. */
export const UNSCORED = 255
/** Below it fifths of the customers do not exist. */
export const MIN_CUSTOMERS = 5

export function dayIndex(day: number): number {
  return Math.min(Math.max(day - FIRST_DAY, 0), DAY_COUNT - 1)
}

export function ordersIndex(orders: number): number {
  return Math.min(orders, MAX_ORDERS)
}

/** New columns of `rows` free slots, on shared memory so that workers score them where they are. */
export function sharedColumns(rows: number): RfmColumns {
  return {
    lastDay: new Int32Array(new SharedArrayBuffer(rows * 4)),
    orders: new Int32Array(new SharedArrayBuffer(rows * 4)),
    monetaryE4: new Float64Array(new SharedArrayBuffer(rows * 8)),
  }
}
