/**
 * How improbable a count is: tails of the negative binomial with mean μ and variance μ + α·μ², which for α = 0 is
 * Poisson. Orders come in bursts, so Poisson alone would find every busy minute improbable; and for three expected
 * orders a normal curve knows nothing of zero. Summed exactly to μ = 500, beyond that by the normal curve.
 */
const EXACT_UP_TO = 500
/** No improbability is told beyond it: Φ(−8) is 6·10⁻¹⁶, the last of a double. */
const MAX_Z = 8

/**
 * The z of the normal curve with the same tail, below 0 for too few, above 0 for too many, within ±8. `dispersion` is α.
 * The tails share half of the observed count's own probability, so that a usual count is near 0.
 */
export function countZ(observed: number, mean: number, dispersion: number): number {
  if (!(mean > 0)) return observed > 0 ? MAX_Z : 0
  if (mean > EXACT_UP_TO) return clampZ((observed - mean) / Math.sqrt(mean + dispersion * mean * mean))
  const { below, at, above } = countTails(Math.round(observed), mean, dispersion)
  // The smaller tail is the one that is summed without cancellation.
  return clampZ(below < above ? normalQuantile(below + at / 2) : -normalQuantile(above + at / 2))
}

/** More terms are not summed: at μ = 500 and α = 1 the tail is below 10⁻²⁰ long before. */
const MAX_TERMS = 50_000

/** P(X < observed), P(X = observed) and P(X > observed). */
export function countTails(
  observed: number,
  mean: number,
  dispersion: number,
): { below: number; at: number; above: number } {
  const size = dispersion > 0 ? 1 / dispersion : Number.POSITIVE_INFINITY
  const isPoisson = size === Number.POSITIVE_INFINITY
  /** P(X = count + 1) / P(X = count). */
  const ratio = (count: number): number =>
    isPoisson ? mean / (count + 1) : ((count + size) / (count + 1)) * (mean / (mean + size))
  let term = Math.exp(isPoisson ? -mean : -size * Math.log1p(mean / size))
  let below = 0
  for (let count = 0; count < observed; count++) {
    below += term
    term *= ratio(count)
    if (term === 0) break
  }
  const at = term
  let above = 0
  for (let count = observed; count < observed + MAX_TERMS; count++) {
    term *= ratio(count)
    above += term
    // Beyond the mean terms only fall: what follows is less than a double can add.
    if (count > mean && term <= above * 1e-17) break
  }
  return { below, at, above }
}

/**
 * α of counts with known expectations, by moments: the mean of ((x − μ)² − μ) / μ², without the tenth that fits worst,
 * as those are what is looked for. Within [0, 1].
 */
export function estimateDispersion(observed: ArrayLike<number>, expected: ArrayLike<number>): number {
  const parts: number[] = []
  for (let at = 0; at < observed.length; at++) {
    const mean = expected[at]!
    if (mean > 0) parts.push(((observed[at]! - mean) ** 2 - mean) / (mean * mean))
  }
  if (parts.length === 0) return 0
  const kept = parts.sort((a, b) => a - b).slice(0, Math.ceil(parts.length * 0.9))
  return Math.min(1, Math.max(0, kept.reduce((sum, part) => sum + part, 0) / kept.length))
}

function clampZ(z: number): number {
  return Math.max(-MAX_Z, Math.min(MAX_Z, z))
}

/** Φ⁻¹(p), p ≤ 0.5: Hastings' rational approximation (Abramowitz and Stegun 26.2.23), right to 4.5·10⁻⁴. */
function normalQuantile(p: number): number {
  if (p >= 0.5) return 0
  const t = Math.sqrt(-2 * Math.log(Math.max(p, 1e-300)))
  return -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  )
}
