/**
 * Loess of degree 1 on equally spaced values (Cleveland 1979), as STL uses it: at each place a line through the `window`
 * nearest values, weighted by (1 − (distance/reach)³)³ and by `weights`. Lines are fitted at every `jump`-th place and what lies
 * between is joined. A window longer than the series reaches out accordingly, so that it flattens the line.
 */

export interface LocalLine {
  window: number
  /** 1 fits everywhere. */
  jump: number
}

/** `beyond` more values are given in front of the first and behind the last. */
export function smoothLocally(
  values: Float64Array,
  { window, jump }: LocalLine,
  weights?: Float64Array,
  beyond = 0,
): Float64Array {
  const count = values.length
  const smooth = new Float64Array(count + 2 * beyond)
  const middle = weights === undefined && window <= count ? kernelOf(window) : undefined
  const half = window >> 1
  const at = (place: number) =>
    middle && place >= half && place + half < count
      ? weightedAround(values, place, middle)
      : lineAt(values, place, window, weights)
  const step = Math.max(1, Math.min(jump, count - 1))
  let last = 0
  smooth[beyond] = at(0)
  while (last < count - 1) {
    const next = Math.min(last + step, count - 1)
    smooth[beyond + next] = at(next)
    const slope = (smooth[beyond + next]! - smooth[beyond + last]!) / (next - last)
    for (let i = last + 1; i < next; i++) smooth[beyond + i] = smooth[beyond + last]! + slope * (i - last)
    last = next
  }
  for (let i = 1; i <= beyond; i++) {
    smooth[beyond - i] = at(-i)
    smooth[beyond + count - 1 + i] = at(count - 1 + i)
  }
  return smooth
}

/** The weights by distance of an odd window that lies whole within the series; there a line is a weighted mean. */
function kernelOf(window: number): Float64Array {
  const half = window >> 1
  const kernel = new Float64Array(half + 1)
  let total = 0
  for (let d = 0; d <= half; d++) {
    kernel[d] = d === 0 ? 1 : weightAt(d / half)
    total += kernel[d]! * (d === 0 ? 1 : 2)
  }
  for (let d = 0; d <= half; d++) kernel[d] = kernel[d]! / total
  return kernel
}

function weightedAround(values: Float64Array, place: number, kernel: Float64Array): number {
  let sum = kernel[0]! * values[place]!
  for (let d = 1; d < kernel.length; d++) sum += kernel[d]! * (values[place - d]! + values[place + d]!)
  return sum
}

/** Within a thousandth of the edge it is nothing. */
function weightAt(near: number): number {
  if (near > 0.999) return 0
  const cube = 1 - near * near * near
  return cube * cube * cube
}

function lineAt(
  values: Float64Array,
  place: number,
  window: number,
  weights: Float64Array | undefined,
): number {
  const count = values.length
  const reachable = Math.min(window, count)
  const left = Math.min(Math.max(0, place - ((reachable - 1) >> 1)), count - reachable)
  const right = left + reachable - 1
  const reach = Math.max(place - left, right - place) + Math.max(0, (window - count) >> 1)
  let total = 0
  let sumX = 0
  let sumXx = 0
  let sumY = 0
  let sumXy = 0
  for (let i = left; i <= right; i++) {
    const x = i - place
    // At the place itself it is 1 even where the reach is 0.
    let weight = x === 0 ? 1 : weightAt(Math.abs(x) / reach)
    if (weights) weight *= weights[i]!
    total += weight
    sumX += weight * x
    sumXx += weight * x * x
    sumY += weight * values[i]!
    sumXy += weight * x * values[i]!
  }
  if (total <= 0) return values[Math.min(count - 1, Math.max(0, place))]!
  const spread = sumXx - (sumX * sumX) / total
  // All the weight at one x: a line has no slope there.
  if (spread <= 1e-6 * total) return sumY / total
  const slope = (sumXy - (sumX * sumY) / total) / spread
  return (sumY - slope * sumX) / total
}
