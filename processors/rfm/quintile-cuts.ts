/**
 * Quintile cuts, exactly.
 *
 * Type-7 quantiles (Hyndman and Fan 1996; R's default) at 20, 40, 60 and 80 %, by integers: a quantile is a whole number
 * and fifths, never a rounded float. As in R's package `rfm` a value belongs to the next bin from the quantile plus one
 * on: one day, one order, one unit of the currency. So equal values always score alike, and what is tied with a quantile
 * belongs below it (for recency: to the more recent).
 *
 * Limits: values are integers within ±2^53. R computes the interpolation in floats; where that misses an integer by a
 * rounding error, this does not.
 */
import { MIN_CUSTOMERS } from './rfm-columns.ts'

type Four = readonly [number, number, number, number]

export interface Quintiles {
  /** The first integer of the second to fifth bin: a value scores 1 + how many of these it reaches. */
  firsts: Four
  /** The quantiles themselves, to be shown. */
  quantiles: Four
}

export interface Cuts {
  customers: number
  /**
   * Of the last order's day, not of recency: quantiles of `today − day` are `today` minus those of the day, so that
   * nothing changes at midnight. See `recencyCuts`.
   */
  day: Quintiles
  orders: Quintiles
  monetaryE4: Quintiles
}

export const ONE_UNIT_E4 = 10_000

/** The value at a rank of the ascending order, from 0. */
export type AtRank = (rank: number) => number

/** Null where there are fewer than MIN_CUSTOMERS. */
export function cutsOf(
  customers: number,
  at: { day: AtRank; orders: AtRank; monetaryE4: AtRank },
): Cuts | null {
  if (customers < MIN_CUSTOMERS) return null
  return {
    customers,
    // A day early scores less from recency's quantile plus one on, which is a day's quantile less one downwards.
    day: quintiles(customers, at.day, ({ whole }) => whole),
    orders: quintiles(customers, at.orders, ({ whole, fifths }) => whole + 1 + (fifths > 0 ? 1 : 0)),
    monetaryE4: quintiles(
      customers,
      at.monetaryE4,
      ({ whole, fifths }) => whole + ONE_UNIT_E4 + (fifths > 0 ? 1 : 0),
    ),
  }
}

/** The ranks that `cutsOf` asks for, ascending, each once. */
export function ranksOf(customers: number): number[] {
  const ranks = [1, 2, 3, 4].flatMap((k) => {
    const fifths = (customers - 1) * k
    const low = Math.floor(fifths / 5)
    return fifths % 5 === 0 ? [low] : [low, low + 1]
  })
  return [...new Set(ranks)]
}

/** In days, ascending: who has not ordered for so long or longer scores 4, 3, 2, 1. R prints these, with fractions. */
export function recencyCuts(cuts: Cuts, today: number): Four {
  const [a, b, c, d] = cuts.day.quantiles
  return [today - d + 1, today - c + 1, today - b + 1, today - a + 1]
}

interface Quantile {
  whole: number
  fifths: number
}

function quintiles(customers: number, at: AtRank, first: (quantile: Quantile) => number): Quintiles {
  const four = [1, 2, 3, 4].map((k) => quantileAt(customers, k, at)) as unknown as [
    Quantile,
    Quantile,
    Quantile,
    Quantile,
  ]
  const [a, b, c, d] = four
  const shown = ({ whole, fifths }: Quantile) => whole + fifths / 5
  return {
    firsts: [first(a), first(b), first(c), first(d)],
    quantiles: [shown(a), shown(b), shown(c), shown(d)],
  }
}

function quantileAt(customers: number, k: number, at: AtRank): Quantile {
  const position = (customers - 1) * k
  const rank = Math.floor(position / 5)
  const share = position % 5
  const low = at(rank)
  if (share === 0) return { whole: low, fifths: 0 }
  const step = at(rank + 1) - low
  // Not share × step / 5: the product could leave the safe integers.
  const rest = share * (step % 5)
  return { whole: low + share * Math.floor(step / 5) + Math.floor(rest / 5), fifths: rest % 5 }
}
