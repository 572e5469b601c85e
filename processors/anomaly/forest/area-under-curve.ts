/**
 * ROC AUC: how often a row with the label has a higher score than one without it, ties by half (Mann and Whitney's U
 * over the number of pairs). NaN where one of the two kinds is missing.
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort(
    (a, b) => scores[a]! - scores[b]!,
  )
  let ranks = 0
  let positives = 0
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++
    // Equal scores share the mean of their ranks.
    const rank = (from + to + 1) / 2
    for (; from < to; from++)
      if (labels[order[from]!] === 1) {
        ranks += rank
        positives += 1
      }
  }
  const others = order.length - positives
  return (ranks - (positives * (positives + 1)) / 2) / (positives * others)
}
