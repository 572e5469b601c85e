/**
 * Two small searches for a minimum within bounds, with a fixed budget of evaluations.
 *
 * One dimension: a coarse grid, then golden sections around its best point (Kiefer 1953). Several: the simplex of Nelder
 * and Mead (1965) with every point clamped into the box. Both are deterministic. Limits: a local minimum that the
 * start does not see is not found; a function of more than about five variables wants something else.
 */

const GOLDEN = (Math.sqrt(5) - 1) / 2

export interface Interval {
  low: number
  high: number
}

/** The argument with the least value that `grid` + `sections` evaluations find. */
export function minimiseOnInterval(
  f: (x: number) => number,
  { low, high }: Interval,
  { grid = 7, sections = 12 } = {},
): number {
  const step = (high - low) / (grid - 1)
  let best = low
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < grid; i++) {
    const value = f(low + i * step)
    if (!(value < least)) continue
    least = value
    best = low + i * step
  }
  const refined = goldenSections(f, Math.max(low, best - step), Math.min(high, best + step), sections)
  return refined.value < least ? refined.x : best
}

function goldenSections(f: (x: number) => number, from: number, to: number, sections: number) {
  let low = from
  let high = to
  let left = high - GOLDEN * (high - low)
  let right = low + GOLDEN * (high - low)
  let atLeft = f(left)
  let atRight = f(right)
  for (let i = 2; i < sections; i++) {
    if (atLeft < atRight) {
      high = right
      right = left
      atRight = atLeft
      left = high - GOLDEN * (high - low)
      atLeft = f(left)
    } else {
      low = left
      left = right
      atLeft = atRight
      right = low + GOLDEN * (high - low)
      atRight = f(right)
    }
  }
  return atLeft < atRight ? { x: left, value: atLeft } : { x: right, value: atRight }
}

interface Vertex {
  at: number[]
  value: number
}

/** The point with the least value within the box that a simplex from `start` finds in about `evaluations`. */
export function minimiseInBox(
  f: (at: readonly number[]) => number,
  start: readonly number[],
  box: readonly Interval[],
  evaluations = 60,
): number[] {
  let used = 0
  const tried = (at: number[]): Vertex => {
    const clamped = at.map((x, i) => Math.min(box[i]!.high, Math.max(box[i]!.low, x)))
    used += 1
    const value = f(clamped)
    return { at: clamped, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value }
  }
  const simplex = firstSimplex(start, box).map(tried)
  while (used < evaluations) {
    simplex.sort((a, b) => a.value - b.value)
    step(simplex, tried)
  }
  return simplex.reduce((a, b) => (b.value < a.value ? b : a)).at
}

/** A fifth of the box in each direction, inwards. */
function firstSimplex(start: readonly number[], box: readonly Interval[]): number[][] {
  const moved = start.map((x, i) => {
    const size = (box[i]!.high - box[i]!.low) / 5
    return start.map((y, j) => (j === i ? (x + size <= box[i]!.high ? x + size : x - size) : y))
  })
  return [[...start], ...moved]
}

function step(simplex: Vertex[], tried: (at: number[]) => Vertex): void {
  const last = simplex.length - 1
  const worst = simplex[last]!
  const centre = worst.at.map((_, i) => simplex.slice(0, last).reduce((sum, v) => sum + v.at[i]!, 0) / last)
  const along = (factor: number) => tried(centre.map((c, i) => c + factor * (worst.at[i]! - c)))
  const reflected = along(-1)
  if (reflected.value < simplex[0]!.value) {
    const expanded = along(-2)
    simplex[last] = expanded.value < reflected.value ? expanded : reflected
    return
  }
  if (reflected.value < simplex[last - 1]!.value) {
    simplex[last] = reflected
    return
  }
  const contracted = along(reflected.value < worst.value ? -0.5 : 0.5)
  if (contracted.value < Math.min(worst.value, reflected.value)) {
    simplex[last] = contracted
    return
  }
  const best = simplex[0]!
  for (let k = 1; k <= last; k++) simplex[k] = tried(best.at.map((b, i) => b + (simplex[k]!.at[i]! - b) / 2))
}
