/**
 * Which features made a row's way short. A node of n rows at depth d promises a path of d + c(n); each step down
 * changes the promise, and the change is put down to the feature that was asked about there. So the contributions of
 * a tree add up to c(ψ) less the row's path length, with nothing left over, and their mean over the trees says how
 * many steps each feature saved (above 0: it makes the row unusual) or cost (below 0: it makes it ordinary).
 * The idea is Saabas' decomposition of a tree's prediction, applied to path lengths.
 *
 * Limits: an interaction is put down to whichever feature was asked last; of two features that say the same, either
 * may get it. It explains this forest, not the world.
 */
import { type Forest, plainValue } from './forest.ts'
import { LENGTH_UNIT } from './path-length.ts'

export interface Explanation {
  /** In (0, 1], as `scoreRows` gives it. */
  score: number
  /** Steps saved by each feature, on average; they add up to c(ψ) − E[h]. */
  contributions: Float64Array
}

/** `row`: one value a feature, NaN for a missing one. */
export function explainRow(forest: Forest, row: ArrayLike<number>): Explanation {
  const values = Float64Array.from(forest.medians, (median, feature) =>
    plainValue(row[feature] ?? Number.NaN, median),
  )
  const contributions = new Float64Array(forest.features)
  let sum = 0
  for (let tree = 0; tree < forest.trees; tree++) sum += explainTree(forest, tree, values, contributions)
  const unit = LENGTH_UNIT * forest.trees
  for (let feature = 0; feature < forest.features; feature++) contributions[feature]! /= unit
  return { score: 2 ** (sum * (-1 / (forest.trees * forest.lengths[1]!))), contributions }
}

/** Adds a tree's contributions; gives the row's path length. */
function explainTree(
  forest: Forest,
  tree: number,
  values: Float64Array,
  contributions: Float64Array,
): number {
  const { levels, lengths, splits, thresholds } = forest
  const base = tree << levels
  const promises = tree << (levels + 1)
  let at = 1
  for (let level = 0; level < levels; level++) {
    const feature = splits[base + at]!
    const next = 2 * at + (values[feature]! >= thresholds[base + at]! ? 1 : 0)
    contributions[feature]! += lengths[promises + at]! - lengths[promises + next]!
    at = next
  }
  return lengths[promises + at]!
}
