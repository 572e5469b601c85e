/**
 * One point of a series against its baseline. Counts (orders, refunds) and values (ticket, temperature) are judged
 * apart: a count cannot be surer than chance allows, however even its weeks were; an average of few orders cannot be
 * surer than that many orders make it.
 */
import { countZ } from './count-tails.ts'
import type { Baseline } from './week-history.ts'

export interface Assessment {
  observed: number
  expected: number
  /** The band that is drawn: expected ± 3 spreads. */
  low: number
  high: number
  /** Standard deviations from what is expected; 0 where nothing is known. */
  z: number
}

const BAND = 3
/** More says nothing, and a series that never moved would have infinitely many. */
const MAX_Z = 100
/** Of the expected value: a series that never moved is not alarmed by a thousandth. */
const LEAST_RELATIVE_SPREAD = 0.01
/** A median of few values is itself uncertain: with n of them the variance is 1 + π/2n. */
const MEDIAN_VARIANCE = Math.PI / 2

/** `dispersion`: α of `count-tails.ts`, 0 for Poisson. The more cautious of chance and of former weeks counts. */
export function assessCount(observed: number, baseline: Baseline, dispersion: number): Assessment {
  if (baseline.basis === 'none') return unknown(observed)
  const { expected } = baseline
  const chance = Math.sqrt(expected + dispersion * expected * expected)
  const spread = Math.max(widened(baseline), chance, 0.5)
  const byWeeks = (observed - expected) / spread
  const byChance = countZ(observed, expected, dispersion)
  const z = Math.sign(byWeeks) * Math.min(Math.abs(byWeeks), Math.abs(byChance))
  return { observed, expected, low: Math.max(0, expected - BAND * spread), high: expected + BAND * spread, z }
}

export interface ValueSpread {
  /** Standard deviation of a single item (one order's amount), where the value is a mean of items. */
  itemSpread?: number
  /** Items in this mean; 0 means there is no mean, and nothing to judge. */
  items?: number
}

export function assessValue(
  observed: number,
  baseline: Baseline,
  { itemSpread = 0, items = 1 }: ValueSpread = {},
): Assessment {
  if (baseline.basis === 'none' || items === 0 || Number.isNaN(observed)) return unknown(observed)
  const { expected } = baseline
  const least = LEAST_RELATIVE_SPREAD * Math.abs(expected)
  const spread = Math.max(widened(baseline), itemSpread / Math.sqrt(items), least, Number.MIN_VALUE)
  const z = Math.max(-MAX_Z, Math.min(MAX_Z, (observed - expected) / spread))
  return { observed, expected, low: expected - BAND * spread, high: expected + BAND * spread, z }
}

function widened({ spread, samples }: Baseline): number {
  return spread * Math.sqrt(1 + MEDIAN_VARIANCE / samples)
}

function unknown(observed: number): Assessment {
  return { observed, expected: Number.NaN, low: Number.NaN, high: Number.NaN, z: 0 }
}
