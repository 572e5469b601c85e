/**
 * The special functions that the models of customers' value need, in doubles.
 *
 * lnGamma and digamma: recurrence up to 8, then Stirling's series (NIST Digital Library of Mathematical Functions, 5.11.1
 * and 5.11.2), relative error about 1e-14 for arguments above 0. hypergeometric2F1: the Gauss series (DLMF 15.2.1) for
 * |z| < 1; Pfaff's transformation (15.8.1) turns negative z into one of these. It stops at the size of rounding, and is
 * slow as |z| nears 1: MAX_TERMS bounds it, NaN says that they did not do.
 */
const MAX_TERMS = 20_000
const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI)
/** From here Stirling's series with eight terms is as good as doubles are. */
const LARGE = 8

/** ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  let product = 1
  let at = x
  while (at < LARGE) product *= at++
  const inverse = 1 / at
  const square = inverse * inverse
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square *
            (1 / 1_260 -
              square * (1 / 1_680 - square * (1 / 1_188 - square * (691 / 360_360 - square / 156))))))
  return (at - 0.5) * Math.log(at) - at + HALF_LN_TWO_PI + series - Math.log(product)
}

/** The derivative of lnGamma, for x > 0. */
export function digamma(x: number): number {
  let sum = 0
  let at = x
  while (at < LARGE) sum += 1 / at++
  const square = 1 / (at * at)
  const series =
    square *
    (1 / 12 -
      square *
        (1 / 120 -
          square *
            (1 / 252 - square * (1 / 240 - square * (1 / 132 - square * (691 / 32_760 - square / 12))))))
  return Math.log(at) - 0.5 / at - series - sum
}

/** ₂F₁(a, b; c; z) for z < 1; NaN where the series does not settle. c is no integer below 1. */
export function hypergeometric2F1(a: number, b: number, c: number, z: number): number {
  if (z < 0) return (1 - z) ** -b * hypergeometric2F1(c - a, b, c, z / (z - 1))
  let term = 1
  let sum = 1
  for (let n = 0; n < MAX_TERMS; n++) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z
    sum += term
    // The terms' ratio nears z from either side: what is left is about term × z / (1 − z).
    if (Math.abs(term) * z <= Math.abs(sum) * Number.EPSILON * (1 - z) && n > -Math.min(a, b, c)) return sum
  }
  return Number.NaN
}
