/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's decomposition; null where A is not (to rounding).
 * A is row by row, and only its lower half is read.
 */
export function solvePositive(a: Float64Array, b: Float64Array): Float64Array | null {
  const size = b.length
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!
      if (i !== j) lower[i * size + j] = sum / lower[j * size + j]!
      else if (sum > 1e-12 * Math.abs(a[i * size + i]!)) lower[i * size + i] = Math.sqrt(sum)
      else return null
    }
  }
  return backward(lower, forward(lower, b))
}

function forward(lower: Float64Array, b: Float64Array): Float64Array {
  const x = Float64Array.from(b)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - lower[i * x.length + k]! * x[k]!
    x[i] = x[i]! / lower[i * x.length + i]!
  }
  return x
}

function backward(lower: Float64Array, y: Float64Array): Float64Array {
  const x = Float64Array.from(y)
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] = x[i]! - lower[k * x.length + i]! * x[k]!
    x[i] = x[i]! / lower[i * x.length + i]!
  }
  return x
}
