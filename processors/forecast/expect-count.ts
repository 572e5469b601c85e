/**
 * "41 orders, usually 35 to 48 by 10:20": a band of a count at an elapsed minute, from the counts at the same elapsed minute of
 * former days of the kind.
 *
 * Orders come in more irregularly than by pure chance, so the count is negative binomial: mean m, variance m + φm². φ is
 * estimated by moments and pulled towards PRIOR_SPREAD as if by PRIOR_DAYS more days; the variance is a share 1/n larger for
 * the mean being an estimate itself. Quantiles are summed exactly, from a mean of NORMAL_FROM on approximated.
 *
 * Quiet hours stay calm: a count is called unusual only outside the 99 % band and at least MIN_DIFFERENCE away from what is
 * expected, so that two orders instead of none at night are no news, and none instead of two neither. Former days with a
 * campaign widen the band and make it calmer.
 */

export interface ExpectedCount {
  expected: number
  /** Whole counts. */
  lo80: number
  hi80: number
  lo95: number
  hi95: number
  verdict: 'fewer' | 'usual' | 'more'
  /** Former days behind it; under MIN_DAYS the verdict is always `usual`. */
  days: number
}

const MIN_DAYS = 4
const PRIOR_DAYS = 4
const PRIOR_SPREAD = 0.02
const MIN_DIFFERENCE = 5
const NORMAL_FROM = 2_000

/** `former`: counts of former same weekdays by the same elapsed minute; null where there are none. Not finite: left out. */
export function expectCount(observed: number, former: readonly number[]): ExpectedCount | null {
  const known = former.filter((count) => Number.isFinite(count) && count >= 0)
  const days = known.length
  if (days === 0) return null
  const { mean, variance } = momentsOf(known)
  const quantile = (share: number) => countQuantile(mean, variance, share)
  const isFar = Math.abs(observed - mean) >= MIN_DIFFERENCE && days >= MIN_DAYS
  const verdict = !isFar
    ? 'usual'
    : observed < quantile(0.005)
      ? 'fewer'
      : observed > quantile(0.995)
        ? 'more'
        : 'usual'
  return {
    expected: mean,
    lo80: quantile(0.1),
    hi80: quantile(0.9),
    lo95: quantile(0.025),
    hi95: quantile(0.975),
    verdict,
    days,
  }
}

function momentsOf(counts: readonly number[]): { mean: number; variance: number } {
  const days = counts.length
  // Half an order in all more than was seen: never an order is not seen in a few days.
  const mean = (counts.reduce((sum, count) => sum + count, 0) + 0.5) / days
  const freedom = days - 1
  const sample = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / Math.max(1, freedom)
  const seen = Math.max(0, (sample - mean) / mean ** 2)
  const spread = (freedom * seen + PRIOR_DAYS * PRIOR_SPREAD) / (freedom + PRIOR_DAYS)
  return { mean, variance: (mean + spread * mean ** 2) * (1 + 1 / days) }
}

/** The least count with at least `share` of a negative binomial's probability at or below it. `variance` > `mean` > 0. */
export function countQuantile(mean: number, variance: number, share: number): number {
  if (mean >= NORMAL_FROM) return Math.max(0, Math.round(mean + normalQuantile(share) * Math.sqrt(variance)))
  const size = mean ** 2 / (variance - mean)
  const success = mean / variance
  // In logarithms: the probability of none is often too small for a number.
  let logarithm = size * Math.log(success)
  let sum = Math.exp(logarithm)
  let count = 0
  const most = mean + 40 * Math.sqrt(variance) + 40
  while (sum < share && count < most) {
    count += 1
    logarithm += Math.log((size + count - 1) / count) + Math.log1p(-success)
    sum += Math.exp(logarithm)
  }
  return count
}

/** The standard normal's. */
function normalQuantile(share: number): number {
  const q = Math.min(share, 1 - share)
  const sign = share < 0.5 ? -1 : 1
  const r = Math.sqrt(-2 * Math.log(q))
  // Abramowitz and Stegun 26.2.23, error under 4.5e-4: a count is whole anyway.
  const top = 2.515517 + 0.802853 * r + 0.010328 * r * r
  const bottom = 1 + 1.432788 * r + 0.189269 * r * r + 0.001308 * r ** 3
  return sign * (r - top / bottom)
}
