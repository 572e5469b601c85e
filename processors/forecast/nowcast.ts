/**
 * Where today will end: the day's forecast, corrected by what has happened so far.
 *
 * By the share e of the day that has elapsed, former days of the kind had a share p(e) of their total, with a spread s(e)
 * between days. What has come, y, says that the day ends at y/p, with a standard deviation of s/p of it; the forecast F says F
 * with its own. Both are weighed by their precision (a normal prior and one observation): in the morning the forecast counts,
 * in the evening what came, and at e = 1 nothing else.
 *
 * That reads what came as a share of the day: the rest will be as good or bad. Read for itself alone, it leaves the rest as it
 * was forecast: one large order in the morning foretells no other. Shops lie between, so the two are averaged. On the year of
 * Online Retail that is nearer than the first by one or two points of WAPE up to noon, and nowhere worse by half a point.
 *
 * Elapsed time is a share of the day, from 0 to 1, by whatever the caller counts days in: the pace of today does it by the
 * clock, whichever day is one of 23 or 25 hours. Quiet hours stay calm: where the profile does not grow, neither estimate nor band moves. Spread seen in few days is pulled towards that of a shop with PRIOR_ORDERS orders a day.
 *
 * Limits: independent of how the day's errors hang together; after a campaign at noon the morning's profile misleads.
 */

export interface IntradayProfile {
  /** Of SLOTS + 1 moments from 0 to 1: share of the day's total that has come; from 0 to 1. */
  share: Float64Array
  /** Standard deviation of that between days. */
  spread: Float64Array
  /** Days behind it; 0 makes a straight line with the prior's spread. */
  days: number
}

export interface NowcastInput {
  /** The day's forecast and its standard deviation (a band of 80 % is 2.563 of them wide). */
  forecast: number
  forecastSd: number
  /** What has come so far. */
  soFar: number
  /** Share of the day that has elapsed, 0 to 1. */
  elapsed: number
  profile: IntradayProfile
  /** Refunds may take back what has come; else the day cannot end below it. */
  mayFall?: boolean
}

export interface Interval {
  point: number
  lo80: number
  hi80: number
  lo95: number
  hi95: number
}

export interface Nowcast {
  /** Where the day will end. */
  end: Interval
  /** What is usual by now, for the band that the pace is shown in. */
  byNow: Interval
  /** Against the 95 % of `byNow`. */
  pace: 'below' | 'within' | 'above'
}

/** A quarter of an hour in a day of 24 hours. */
export const SLOTS = 96
const Z80 = 1.2815515655446004
const Z95 = 1.959963984540054
const PRIOR_DAYS = 3
const PRIOR_ORDERS = 30

/**
 * Of former days of the same kind, each an array of amounts in equal parts of the day (23, 24 or 25 hours, quarters,
 * minutes). Days without a total above 0 say nothing of its shape and are left out, as are those with a gap (NaN).
 */
export function intradayProfile(days: readonly Float64Array[]): IntradayProfile {
  const curves = days.map(cumulativeShare).filter((curve) => curve !== null)
  const share = new Float64Array(SLOTS + 1)
  const spread = new Float64Array(SLOTS + 1)
  for (let slot = 0; slot <= SLOTS; slot++) {
    const seen = curves.map((curve) => curve[slot]!)
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
    share[slot] = seen.length > 0 ? Math.min(1, Math.max(share[slot - 1] ?? 0, mean)) : slot / SLOTS
    const squares = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const prior = (share[slot]! * (1 - share[slot]!)) / PRIOR_ORDERS
    const freedom = Math.max(0, seen.length - 1)
    // One more day is to come, and the mean is not exact either.
    const inflated = 1 + 1 / Math.max(1, seen.length)
    spread[slot] = Math.sqrt(((squares + PRIOR_DAYS * prior) / (freedom + PRIOR_DAYS)) * inflated)
  }
  return { share, spread, days: curves.length }
}

/** Throws RangeError where `elapsed` is no share. */
export function nowcast({
  forecast,
  forecastSd,
  soFar,
  elapsed,
  profile,
  mayFall = false,
}: NowcastInput): Nowcast {
  if (!(elapsed >= 0 && elapsed <= 1)) throw new RangeError(`elapsed is a share of the day, not ${elapsed}`)
  const share = interpolate(profile.share, elapsed)
  const spread = interpolate(profile.spread, elapsed)
  const expected = share * forecast
  const byNowSd = Math.hypot(share * forecastSd, spread * forecast)
  const byNow = interval(expected, byNowSd, mayFall ? Number.NEGATIVE_INFINITY : 0)
  const floor = mayFall ? Number.NEGATIVE_INFINITY : soFar
  return {
    byNow,
    end: interval(...endOf({ forecast, forecastSd, soFar, share, spread }), floor),
    pace: paceOf(soFar, byNow),
  }
}

interface Evidence {
  forecast: number
  forecastSd: number
  soFar: number
  share: number
  spread: number
}

/** Point and standard deviation, of equal parts of both readings. */
function endOf(evidence: Evidence): [number, number] {
  const { forecast, forecastSd, soFar, share } = evidence
  const [point, sd] = proportionalEnd(evidence)
  const rest = Math.max(0, 1 - share)
  return [(point + soFar + rest * forecast) / 2, Math.sqrt((sd ** 2 + rest * forecastSd ** 2) / 2)]
}

function proportionalEnd({ forecast, forecastSd, soFar, share, spread }: Evidence): [number, number] {
  if (share >= 1) return [soFar, 0]
  // Nothing is ever sold by now: what has come is on top.
  if (share <= 0) return [forecast + soFar, forecastSd]
  const implied = soFar / share
  // How far the shape of the day may mislead grows with the day that is at stake, whichever estimate is the larger.
  const impliedVariance = ((spread / share) * Math.max(Math.abs(forecast), Math.abs(implied))) ** 2
  const weight = forecastSd ** 2 / (forecastSd ** 2 + impliedVariance || 1)
  return [forecast + weight * (implied - forecast), forecastSd * Math.sqrt(1 - weight)]
}

function paceOf(soFar: number, { lo95, hi95 }: Interval): Nowcast['pace'] {
  if (soFar < lo95) return 'below'
  return soFar > hi95 ? 'above' : 'within'
}

function interval(point: number, sd: number, floor: number): Interval {
  const held = (value: number) => Math.max(floor, value)
  return {
    point: held(point),
    lo80: held(point - Z80 * sd),
    hi80: held(point + Z80 * sd),
    lo95: held(point - Z95 * sd),
    hi95: held(point + Z95 * sd),
  }
}

/** At SLOTS + 1 moments, or null for a day that says nothing. */
function cumulativeShare(day: Float64Array): Float64Array | null {
  const sums = cumulate(day)
  const total = sums.at(-1)!
  if (!(total > 0)) return null
  const curve = new Float64Array(SLOTS + 1)
  for (let slot = 0; slot <= SLOTS; slot++) curve[slot] = interpolate(sums, slot / SLOTS) / total
  return curve
}

/** From 0 at the beginning to the whole at the end. */
export function cumulate(parts: Float64Array): Float64Array {
  const sums = new Float64Array(parts.length + 1)
  for (let i = 0; i < parts.length; i++) sums[i + 1] = sums[i]! + parts[i]!
  return sums
}

/** Between the points of a curve from 0 to 1. */
export function interpolate(curve: Float64Array, at: number): number {
  const place = at * (curve.length - 1)
  const left = Math.min(curve.length - 1, Math.floor(place))
  const right = Math.min(curve.length - 1, left + 1)
  return curve[left]! + (place - left) * (curve[right]! - curve[left]!)
}
