/** Least squares of a line through values at 0, 1, 2 …: level at 0 and slope a step. */
export function straightLine(values: Float64Array): { level: number; slope: number } {
  const count = values.length
  if (count === 0) return { level: 0, slope: 0 }
  const middle = (count - 1) / 2
  let sum = 0
  let moment = 0
  for (let i = 0; i < count; i++) {
    sum += values[i]!
    moment += (i - middle) * values[i]!
  }
  const slope = count > 1 ? (12 * moment) / (count * (count * count - 1)) : 0
  return { level: sum / count - slope * middle, slope }
}
