/**
 * BG/NBD, fitted: how often customers buy while they are alive, and when they stop (Fader, Hardie and Lee, "Counting Your
 * Customers" the Easy Way, Marketing Science 24, 2005; likelihood: their equation 6).
 *
 * Buying is a Poisson process with a rate of Gamma(r, α) over customers; after each purchase a customer stops with a
 * probability of Beta(a, b) over customers. Maximum likelihood over the logarithms of r, α, a, b with the gradient in
 * closed form. Customers alike in (repeats, last, age) are one group, and Γ and logarithms are tables over the few
 * distinct numbers of repeats and days: an evaluation costs one exponential and one logarithm a group.
 *
 * Limits: no seasons, no price, no reason; a customer who never came again counts as alive by the model. Needs repeat
 * buyers. Refusals are answers, not errors: they are what a small or odd shop gets.
 */
import { minimise, type Objective } from './minimise.ts'
import type { RepeatPurchases } from './repeat-purchases.ts'
import { digamma, lnGamma } from './special-functions.ts'

export interface BgNbd {
  r: number
  /** In units of `daysPerUnit` days. */
  alpha: number
  a: number
  b: number
  daysPerUnit: number
}

export type BgNbdFit =
  | {
      type: 'fitted'
      model: BgNbd
      /** Of the customers that were fitted. */
      logLikelihood: number
      customers: number
      /** Every so many-th customer was fitted: 1 is all. */
      every: number
      evaluations: number
    }
  | { type: 'refused'; reason: FitRefusal; message: string }

export type FitRefusal = 'too-few-repeat-buyers' | 'not-converged' | 'no-mean'

/** Four parameters from fewer would be a guess. */
export const MIN_REPEAT_BUYERS = 30
/** More customers than this are thinned evenly: parameters do not change in what anyone reads of them. */
export const MAX_FITTED = 500_000
/** A hundred years; who is older counts as this old. */
const MAX_DAYS = 36_500
/** Parameters beyond this have run away: the data do not say how customers differ. */
const MAX_LOGARITHM = Math.log(1e5)
/** Of the mean log-likelihood's gradient. */
const TOLERANCE = 1e-8

/** Customers alike, counted. */
export interface PurchaseGroups {
  repeats: Int32Array
  lastAfterDays: Int32Array
  ageDays: Int32Array
  customers: Float64Array
  every: number
}

/** Customers with an age of −1 do not count. */
export function groupPurchases({ repeats, lastAfterDays, ageDays }: RepeatPurchases): PurchaseGroups {
  const every = Math.max(1, Math.ceil(repeats.length / MAX_FITTED))
  const counts = new Map<number, number>()
  const size = MAX_DAYS + 1
  for (let who = 0; who < repeats.length; who += every) {
    if (ageDays[who]! < 0) continue
    const age = Math.min(ageDays[who]!, MAX_DAYS)
    const key = (repeats[who]! * size + Math.min(lastAfterDays[who]!, age)) * size + age
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const keys = Float64Array.from(counts.keys())
  return {
    repeats: Int32Array.from(keys, (key) => Math.floor(key / (size * size))),
    lastAfterDays: Int32Array.from(keys, (key) => Math.floor(key / size) % size),
    ageDays: Int32Array.from(keys, (key) => key % size),
    customers: Float64Array.from(counts.values()),
    every,
  }
}

/** `daysPerUnit`: the unit of α, a week by default. */
export function fitBgNbd(groups: PurchaseGroups, daysPerUnit = 7): BgNbdFit {
  const { repeats, customers, every } = groups
  const buyers = customers.reduce((sum, count, at) => sum + (repeats[at]! > 0 ? count : 0), 0)
  if (buyers < MIN_REPEAT_BUYERS)
    return {
      type: 'refused',
      reason: 'too-few-repeat-buyers',
      message: `${buyers} customers have bought on a second day; ${MIN_REPEAT_BUYERS} are needed to tell how they differ`,
    }
  const total = customers.reduce((sum, count) => sum + count, 0)
  const minimum = minimise(bgNbdObjective(groups, daysPerUnit), [0, 1, 0, 1], TOLERANCE)
  const hasRunAway = minimum.point.some((logarithm) => Math.abs(logarithm) > MAX_LOGARITHM)
  if (!minimum.hasConverged || hasRunAway)
    return {
      type: 'refused',
      reason: 'not-converged',
      message: `no best fit after ${minimum.evaluations} steps: the history may be too short, or all customers alike`,
    }
  const [r, alpha, a, b] = minimum.point.map(Math.exp) as unknown as [number, number, number, number]
  const model = { r, alpha, a, b, daysPerUnit }
  const { evaluations } = minimum
  return {
    type: 'fitted',
    model,
    logLikelihood: -minimum.value * total,
    customers: total,
    every,
    evaluations,
  }
}

/** The mean negative log-likelihood over ln r, ln α, ln a, ln b. */
export function bgNbdObjective(groups: PurchaseGroups, daysPerUnit: number): Objective {
  const { repeats, lastAfterDays, ageDays, customers } = groups
  const total = customers.reduce((sum, count) => sum + count, 0)
  const distinct = [...new Set(repeats)]
  const days = ageDays.reduce((most, age) => Math.max(most, age), 0) + 1
  const logs = new Float64Array(days)
  const tables = tablesFor(distinct.reduce((most, x) => Math.max(most, x), 0) + 1)
  return (point, gradient) => {
    const [r, alpha, a, b] = point.map(Math.exp) as unknown as [number, number, number, number]
    for (let day = 0; day < days; day++) logs[day] = Math.log(alpha + day / daysPerUnit)
    fill(tables, distinct, { r, a, b, lnAlpha: point[1]!, lnA: point[2]! })
    let value = 0
    let toR = 0
    let toAlpha = 0
    let toA = 0
    let toB = 0
    for (let at = 0; at < customers.length; at++) {
      const x = repeats[at]!
      const count = customers[at]!
      const age = ageDays[at]!
      const last = lastAfterDays[at]!
      const rate = r + x
      // The customer is still there, or stopped after the last purchase: the second's odds, and share of the likelihood.
      const logOdds = tables.stopped[x]! + rate * (logs[age]! - logs[last]!)
      const smaller = Math.exp(-Math.abs(logOdds))
      const stopped = logOdds > 0 ? 1 / (1 + smaller) : smaller / (1 + smaller)
      const both = Math.max(logOdds, 0) + Math.log1p(smaller)
      value += count * (tables.value[x]! - rate * logs[age]! + both)
      toR += count * (tables.r[x]! - (1 - stopped) * logs[age]! - stopped * logs[last]!)
      const inverse = (1 - stopped) / (alpha + age / daysPerUnit) + stopped / (alpha + last / daysPerUnit)
      toAlpha += count * (r / alpha - rate * inverse)
      toA += count * (tables.a[x]! + stopped / a)
      toB += count * (tables.b[x]! - (x === 0 ? 0 : stopped / (b + x - 1)))
    }
    gradient.set([(-r * toR) / total, (-alpha * toAlpha) / total, (-a * toA) / total, (-b * toB) / total])
    return -value / total
  }
}

/** What depends on the number of repeats alone: of the likelihood, of the odds of having stopped, and of the gradient. */
interface Tables {
  value: Float64Array
  stopped: Float64Array
  r: Float64Array
  a: Float64Array
  b: Float64Array
}

function tablesFor(size: number): Tables {
  const table = () => new Float64Array(size)
  return { value: table(), stopped: table(), r: table(), a: table(), b: table() }
}

interface Point {
  r: number
  a: number
  b: number
  lnAlpha: number
  lnA: number
}

function fill(tables: Tables, distinct: readonly number[], { r, a, b, lnAlpha, lnA }: Point): void {
  const [lnGammaR, lnGammaB, lnGammaAB] = [lnGamma(r), lnGamma(b), lnGamma(a + b)]
  const [digammaR, digammaB, digammaAB] = [digamma(r), digamma(b), digamma(a + b)]
  for (const x of distinct) {
    tables.value[x] =
      lnGamma(r + x) - lnGammaR + r * lnAlpha + lnGammaAB + lnGamma(b + x) - lnGammaB - lnGamma(a + b + x)
    tables.stopped[x] = x === 0 ? Number.NEGATIVE_INFINITY : lnA - Math.log(b + x - 1)
    tables.r[x] = digamma(r + x) - digammaR + lnAlpha
    tables.a[x] = digammaAB - digamma(a + b + x)
    tables.b[x] = digammaAB + digamma(b + x) - digammaB - digamma(a + b + x)
  }
}
