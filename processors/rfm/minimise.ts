/**
 * Smooth minimisation in a few dimensions: BFGS with an inverse Hessian kept whole (Nocedal and Wright, Numerical
 * Optimization, 6.1), and a backtracking line search. For models of four parameters, with their gradient at hand.
 *
 * Limits: local; as many evaluations as MAX_EVALUATIONS and no more. That it did not settle is an answer, not an error.
 */
const MAX_EVALUATIONS = 500
const ENOUGH_DECREASE = 1e-4
/** Of the value: less than this is what sums of many doubles are rounded by, and no decrease. */
const ROUNDING = 1e-12
/** A step that has been halved so often leads nowhere. */
const MAX_HALVINGS = 40
/** No parameter moves further in one step: logarithms of parameters do not leave the doubles. */
const MAX_STEP = 3

/** The value at a point; writes the gradient. A value that is no number counts as infinite. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number

export interface Minimum {
  point: Float64Array
  value: number
  evaluations: number
  /** The gradient's largest component fell below the tolerance. */
  hasConverged: boolean
}

export function minimise(objective: Objective, start: readonly number[], tolerance: number): Minimum {
  const size = start.length
  let at = evaluate(objective, Float64Array.from(start))
  let inverse = identity(size)
  let evaluations = 1
  while (largest(at.gradient) > tolerance && evaluations < MAX_EVALUATIONS) {
    let direction = descent(inverse, at.gradient)
    if (dot(direction, at.gradient) >= 0) {
      inverse = identity(size)
      direction = descent(inverse, at.gradient)
    }
    const found = search(objective, at, direction)
    evaluations += found.evaluations
    if (found.next === null) break
    inverse = updated(
      inverse,
      difference(found.next.point, at.point),
      difference(found.next.gradient, at.gradient),
    )
    at = found.next
  }
  return { ...at, evaluations, hasConverged: largest(at.gradient) <= tolerance }
}

interface Evaluated {
  point: Float64Array
  value: number
  gradient: Float64Array
}

function evaluate(objective: Objective, point: Float64Array): Evaluated {
  const gradient = new Float64Array(point.length)
  const value = objective(point, gradient)
  return { point, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value, gradient }
}

function search(objective: Objective, from: Evaluated, direction: Float64Array) {
  const slope = dot(direction, from.gradient)
  let length = Math.min(1, MAX_STEP / largest(direction))
  for (let evaluations = 1; evaluations <= MAX_HALVINGS; evaluations++) {
    const point = from.point.map((value, i) => value + length * direction[i]!)
    const next = evaluate(objective, point)
    const isLower = next.value <= from.value + ENOUGH_DECREASE * length * slope
    // So near to the minimum values are alike, and the gradient alone tells which one is nearer.
    const isAlike = next.value <= from.value + ROUNDING * Math.abs(from.value)
    if (isLower || (isAlike && largest(next.gradient) < largest(from.gradient))) return { next, evaluations }
    length /= 2
  }
  return { next: null, evaluations: MAX_HALVINGS }
}

/** Row after row. */
function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0))
}

function descent(inverse: Float64Array, gradient: Float64Array): Float64Array {
  return times(inverse, gradient).map((value) => -value)
}

/** BFGS's formula; left as it is where the curvature is not positive. */
function updated(inverse: Float64Array, step: Float64Array, change: Float64Array): Float64Array {
  const curvature = dot(step, change)
  if (!(curvature > 1e-12 * Math.sqrt(dot(step, step) * dot(change, change)))) return inverse
  const size = step.length
  const moved = times(inverse, change)
  const scale = (1 + dot(change, moved) / curvature) / curvature
  return inverse.map((value, at) => {
    const row = Math.floor(at / size)
    const column = at % size
    const outer = moved[row]! * step[column]! + step[row]! * moved[column]!
    return value + scale * step[row]! * step[column]! - outer / curvature
  })
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  return vector.map((_, row) => dot(matrix.subarray(row * size, (row + 1) * size), vector))
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!)
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0)
}

function largest(vector: Float64Array): number {
  return vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}
