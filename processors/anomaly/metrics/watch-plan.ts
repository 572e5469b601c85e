/**
 * How a shop is watched: the finest buckets in which enough orders come to say anything of one, and what is large there.
 * With fewer orders buckets are wider and fewer bad ones are an alarm, so that a shop of thirty orders an hour hears within
 * the hour, and one of five in an afternoon. What even an hour cannot say, the sum of small differences does (`cusum.ts`).
 */
import type { WatchedMetric } from '../../../core/contracts/results.ts'
import { DEFAULT_WATCH, type WatchOptions } from './watch-series.ts'

export const WIDTHS_MINUTES = [15, 30, 60] as const
export type WidthMinutes = (typeof WIDTHS_MINUTES)[number]

/** Orders in an ordinary quarter hour from which on it is a bucket. */
const ENOUGH_A_QUARTER = 10
const PERSISTENCE: Record<WidthMinutes, Pick<WatchOptions, 'k' | 'n' | 'clearAfter'>> = {
  15: { k: 3, n: 5, clearAfter: 4 },
  30: { k: 2, n: 4, clearAfter: 3 },
  60: { k: 2, n: 3, clearAfter: 2 },
}
const WEEK_MINUTES = 10_080

export const bucketsPerWeek = (width: WidthMinutes) => WEEK_MINUTES / width

/**
 * `orders` of quarter hours. What counts is the quarter hour that an order meets: nights do not make a busy shop a quiet one.
 */
export function chooseWidth(orders: Iterable<number>): WidthMinutes {
  let sum = 0
  let squares = 0
  for (const count of orders) {
    sum += count
    squares += count * count
  }
  // Of Poisson counts Σx²/Σx is the mean plus one.
  const met = sum > 0 ? squares / sum - 1 : 0
  if (met >= ENOUGH_A_QUARTER) return 15
  return met >= ENOUGH_A_QUARTER / 2 ? 30 : 60
}

/** Orders, or refunds, that are too few to wake anybody for, however improbable. */
const LEAST_ORDERS = 5
const LEAST_REFUNDS = 4
const LEAST_TICKET_SHARE = 0.1

/** `ticket`: the usual amount of an order. */
export function watchOptions(metric: WatchedMetric, width: WidthMinutes, ticket: number): WatchOptions {
  const least: Record<WatchedMetric, number> = {
    orders: LEAST_ORDERS,
    refunds: LEAST_REFUNDS,
    revenue: LEAST_ORDERS * ticket,
    ticket: LEAST_TICKET_SHARE * ticket,
  }
  return { ...DEFAULT_WATCH, ...PERSISTENCE[width], leastAbsolute: least[metric] }
}
