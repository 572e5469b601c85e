/**
 * What a fitted BG/NBD says of a customer: still alive? how many purchases to come?
 *
 * Source: Fader, Hardie and Lee (2005), equation 10; P(alive): their note "Computing P(alive) Using the BG/NBD Model"
 * (2008). The expectation's hypergeometric function is written by Euler's transformation (DLMF 15.8.1) as
 * (1 − z)^(a − 1) ₂F₁(a + b − 1 − r, a − 1; a + b + x − 1; z), z = t / (α + T + t): nothing in it grows with the number of
 * purchases, so that it neither overflows nor cancels for those who buy daily.
 *
 * Limits: the model lets a customer stop only at a purchase. Who bought once is alive for certain by it: the risk of
 * those shows in few expected purchases, not in `churnRisk`.
 */
import type { BgNbd } from './fit-bg-nbd.ts'
import { hypergeometric2F1 } from './special-functions.ts'

/** As in RepeatPurchases. */
export interface CustomerHistory {
  repeats: number
  lastAfterDays: number
  ageDays: number
}

/** In [0, 1]. */
export function aliveProbability(model: BgNbd, customer: CustomerHistory): number {
  return 1 / (1 + stoppedOdds(model, customer))
}

/** 1 − P(alive): the probability that the customer has already stopped for good. */
export function churnRisk(model: BgNbd, customer: CustomerHistory): number {
  const odds = stoppedOdds(model, customer)
  return odds === Number.POSITIVE_INFINITY ? 1 : odds / (1 + odds)
}

/** Purchase days expected in the next `days`, whether alive or not. */
export function expectedPurchases(model: BgNbd, customer: CustomerHistory, days: number): number {
  return purchasesIfAlive(model, customer, days) * aliveProbability(model, customer)
}

/** The same, given that the customer is alive today: it depends on repeats and age alone. */
export function purchasesIfAlive(
  { r, alpha, a, b, daysPerUnit }: BgNbd,
  { repeats, ageDays }: Omit<CustomerHistory, 'lastAfterDays'>,
  days: number,
): number {
  const time = days / daysPerUnit
  const z = time / (alpha + ageDays / daysPerUnit + time)
  const { stop, bottom } = awayFromPoles(a, b + repeats)
  const shrunk = (1 - z) ** (stop - 1) * hypergeometric2F1(a + b - 1 - r, stop - 1, bottom, z)
  return (bottom / (stop - 1)) * (1 - shrunk)
}

function stoppedOdds({ r, alpha, a, b, daysPerUnit }: BgNbd, customer: CustomerHistory): number {
  const { repeats, lastAfterDays, ageDays } = customer
  if (repeats === 0) return 0
  const ratio = Math.log((alpha + ageDays / daysPerUnit) / (alpha + lastAfterDays / daysPerUnit))
  return (a / (b + repeats - 1)) * Math.exp((r + repeats) * ratio)
}

/**
 * The formula has a hole at a = 1 and at a + b + x = 1, where its limit is finite. Half of a double's digits away from it
 * the value is right to the other half.
 */
const NEAR = 1e-7

function awayFromPoles(a: number, bPlusRepeats: number): { stop: number; bottom: number } {
  const stop = Math.abs(a - 1) < NEAR ? 1 + NEAR : a
  const bottom = stop + bPlusRepeats - 1
  return { stop, bottom: Math.abs(bottom) < NEAR ? NEAR : bottom }
}
