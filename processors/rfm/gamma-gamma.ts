/**
 * Gamma-Gamma: what a purchase of a customer is worth on average (Fader and Hardie, "The Gamma-Gamma Model of Monetary
 * Value", 2013; likelihood: their equation 1a, expectation: equation 5).
 *
 * A customer's purchases vary by Gamma(p, ν), and ν over customers by Gamma(q, v). Maximum likelihood over the logarithms
 * of p, q, v with the gradient in closed form. Only repeat purchases are known to it, as in BG/NBD.
 *
 * Limits: how much somebody spends must have little to do with how often (the correlation is for the caller to show).
 * Customers whose repeat purchases net to zero or less do not enter the fit. Money is an estimate here: floats in
 * currency units, rounded to E4 integers by whoever stores it.
 */
import { type FitRefusal, MAX_FITTED, MIN_REPEAT_BUYERS } from './fit-bg-nbd.ts'
import { minimise, type Objective } from './minimise.ts'
import type { RepeatPurchases } from './repeat-purchases.ts'
import { digamma, lnGamma } from './special-functions.ts'

export interface GammaGamma {
  p: number
  q: number
  /** In units of the currency. */
  v: number
}

export type GammaGammaFit =
  | {
      type: 'fitted'
      model: GammaGamma
      logLikelihood: number
      customers: number
      every: number
      evaluations: number
    }
  | { type: 'refused'; reason: FitRefusal; message: string }

const TOLERANCE = 1e-8
const MAX_LOGARITHM = Math.log(1e6)

export function fitGammaGamma(purchases: RepeatPurchases): GammaGammaFit {
  const { repeats, means, every } = repeatBuyers(purchases)
  if (repeats.length < MIN_REPEAT_BUYERS)
    return {
      type: 'refused',
      reason: 'too-few-repeat-buyers',
      message: `${repeats.length} customers have repeat purchases of some value; ${MIN_REPEAT_BUYERS} are needed`,
    }
  const scale = means.reduce((sum, mean) => sum + mean, 0) / means.length
  // The likelihood of values in units of their mean has its optimum near 1, whatever the currency.
  const scaled = means.map((mean) => mean / scale)
  const minimum = minimise(gammaGammaObjective(repeats, scaled), [1, 1, 0], TOLERANCE)
  const { evaluations } = minimum
  if (!minimum.hasConverged || minimum.point.some((logarithm) => Math.abs(logarithm) > MAX_LOGARITHM))
    return {
      type: 'refused',
      reason: 'not-converged',
      message: `no best fit after ${evaluations} steps: purchases may hardly differ in value`,
    }
  const [p, q, v] = minimum.point.map(Math.exp) as unknown as [number, number, number]
  if (q <= 1)
    return {
      type: 'refused',
      reason: 'no-mean',
      message: `values differ so wildly (q = ${q.toFixed(2)}) that the mean of a new customer’s purchase has no bound`,
    }
  const logLikelihood = -minimum.value * repeats.length - repeats.length * Math.log(scale)
  return {
    type: 'fitted',
    model: { p, q, v: v * scale },
    logLikelihood,
    customers: repeats.length,
    every,
    evaluations,
  }
}

/** The value of a purchase that the model expects of a customer, in units; without repeats that of anybody. */
export function expectedPurchaseValue({ p, q, v }: GammaGamma, repeats: number, meanValue: number): number {
  return (p * (v + repeats * Math.max(0, meanValue))) / (p * repeats + q - 1)
}

/** The mean negative log-likelihood over ln p, ln q, ln v; `means` above 0. */
export function gammaGammaObjective(repeats: Int32Array, means: Float64Array): Objective {
  const lnMeans = means.map(Math.log)
  const lnRepeats = Float64Array.from(repeats, Math.log)
  return (point, gradient) => {
    const [p, q, v] = point.map(Math.exp) as unknown as [number, number, number]
    const [lnGammaQ, digammaQ] = [lnGamma(q), digamma(q)]
    const known = gammasOf(repeats, p, q)
    let value = 0
    let toP = 0
    let toQ = 0
    let toV = 0
    for (let at = 0; at < repeats.length; at++) {
      const x = repeats[at]!
      const px = p * x
      const gammas = known.get(x)!
      const whole = x * means[at]! + v
      const lnWhole = Math.log(whole)
      const lnSum = lnMeans[at]! + lnRepeats[at]!
      value += gammas.value - lnGammaQ + q * point[2]! + px * lnSum - lnMeans[at]! - (px + q) * lnWhole
      toP += x * (gammas.slope + lnSum - lnWhole)
      toQ += gammas.slopeQ - digammaQ + point[2]! - lnWhole
      toV += q / v - (px + q) / whole
    }
    const count = repeats.length
    gradient.set([(-p * toP) / count, (-q * toQ) / count, (-v * toV) / count])
    return -value / count
  }
}

interface Gammas {
  /** ln Γ(px + q) − ln Γ(px) */
  value: number
  /** Its derivative by px. */
  slope: number
  slopeQ: number
}

/** Few numbers of repeats are distinct: these are the dear part. */
function gammasOf(repeats: Int32Array, p: number, q: number): Map<number, Gammas> {
  const known = new Map<number, Gammas>()
  for (const x of repeats) {
    if (known.has(x)) continue
    const slopeQ = digamma(p * x + q)
    known.set(x, {
      value: lnGamma(p * x + q) - lnGamma(p * x),
      slope: slopeQ - digamma(p * x),
      slopeQ,
    })
  }
  return known
}

function repeatBuyers({ repeats, meanValueE4 }: RepeatPurchases) {
  const all: number[] = []
  for (let who = 0; who < repeats.length; who++) if (repeats[who]! > 0 && meanValueE4[who]! > 0) all.push(who)
  const every = Math.max(1, Math.ceil(all.length / MAX_FITTED))
  const fitted = all.filter((_, at) => at % every === 0)
  return {
    repeats: Int32Array.from(fitted, (who) => repeats[who]!),
    means: Float64Array.from(fitted, (who) => meanValueE4[who]! / 10_000),
    every,
  }
}
