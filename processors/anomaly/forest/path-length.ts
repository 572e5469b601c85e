/**
 * c(n) of Liu, Ting and Zhou: the mean depth at which a search for what is not there ends in a random binary tree of n
 * keys, 2·H(n−1) − 2(n−1)/n, with c(2) = 1 and c(1) = 0. It stands for the subtree that was not grown, and makes
 * forests of different sample sizes comparable. H is summed, not estimated by ln + γ: at n = 3 that would be 9 % off.
 *
 * Path lengths are integers of 1/65,536: their sums are exact in any order, so a score does not depend on who added.
 */
export const LENGTH_UNIT = 65_536

/** c(n), for whole n ≥ 0. Linear in n: it is asked once for each leaf's size while a forest is grown. */
export function averagePathLength(n: number): number {
  if (n < 2) return 0
  let harmonic = 0
  for (let i = n - 1; i >= 1; i--) harmonic += 1 / i
  return 2 * harmonic - (2 * (n - 1)) / n
}

/** c(0) … c(max) in units of 1/65,536. */
export function averagePathLengths(max: number): Int32Array {
  const lengths = new Int32Array(max + 1)
  let harmonic = 0
  for (let n = 2; n <= max; n++) {
    harmonic += 1 / (n - 1)
    lengths[n] = Math.round((2 * harmonic - (2 * (n - 1)) / n) * LENGTH_UNIT)
  }
  return lengths
}
