/**
 * Scores rows with a forest: s = 2^(−E[h] / c(ψ)), in (0, 1]; 1 is isolated at once, about 0.5 is as all others are.
 *
 * The loops stand trees outside and blocks of rows inside, so that one tree (5 KB at ψ = 256) stays in the nearest
 * cache while 2,048 rows go down it; several rows go down at a time, as each step waits for the one before it. The
 * same in WebAssembly is `wasm-scorer.ts`; both add the same integers and give the same scores, bit by bit.
 */
import { RevwallError } from '../../../core/runtime/errors.ts'
import { type Forest, plainValue, type Rows, rowCount } from './forest.ts'
import { createWasmDescent } from './wasm-scorer.ts'

/** Rows that go down each tree together. A multiple of the rows that are interleaved. */
export const BLOCK_ROWS = 2_048

/** What goes down the trees: the only part that exists twice. */
export interface Descent {
  /** The plain values of a block's rows, to be filled in. Rows behind the last one may hold anything. */
  readonly block: Float64Array
  /** Adds nothing to what was there before: the sum of all trees' path lengths for rows 0 … count − 1 of the block. */
  sum(count: number): Int32Array
}

export type ScorerKind = 'typescript' | 'wasm'

export interface RowScorer {
  /** Scores of rows from … to − 1 into `scores` at the same places. Throws RevwallError for rows of other features. */
  score(rows: Rows, scores: Float64Array, from?: number, to?: number): void
}

export function createRowScorer(forest: Forest, kind: ScorerKind = 'wasm'): RowScorer {
  const descent = kind === 'wasm' ? createWasmDescent(forest) : createTypescriptDescent(forest)
  // The top of each tree promises c(ψ), in the unit of the sums.
  const scale = -1 / (forest.trees * forest.lengths[1]!)
  return {
    score: (rows, scores, from = 0, to = rowCount(rows)) => {
      if (rows.features !== forest.features)
        throw new RevwallError(
          'forest_input',
          `the forest was fitted on ${forest.features} features, these rows have ${rows.features}: fit it again`,
        )
      for (let start = from; start < to; start += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, to - start)
        fillBlock(descent.block, rows, start, count, forest.medians)
        const sums = descent.sum(count)
        for (let row = 0; row < count; row++) scores[start + row] = 2 ** (sums[row]! * scale)
      }
    },
  }
}

/** All rows, with a scorer that is made for it. */
export function scoreRows(forest: Forest, rows: Rows, kind?: ScorerKind): Float64Array {
  const scores = new Float64Array(rowCount(rows))
  createRowScorer(forest, kind).score(rows, scores)
  return scores
}

function fillBlock(
  block: Float64Array,
  rows: Rows,
  start: number,
  count: number,
  medians: Float64Array,
): void {
  const { values, features } = rows
  let at = start * features
  for (let to = 0; to < count * features; to += features)
    for (let feature = 0; feature < features; feature++)
      block[to + feature] = plainValue(values[at++]!, medians[feature]!)
}

/** Four rows at a time: with more, V8 has no registers left for them. */
function createTypescriptDescent(forest: Forest): Descent {
  const { features, levels, lengths, splits, thresholds, trees } = forest
  const block = new Float64Array(BLOCK_ROWS * features)
  const sums = new Int32Array(BLOCK_ROWS)
  const descendAll = (tree: number, count: number): void => {
    const base = tree << levels
    const leaves = tree << (levels + 1)
    for (let row = 0; row < count; row += 4) {
      const first = row * features
      const second = first + features
      const third = second + features
      const fourth = third + features
      let a = 1
      let b = 1
      let c = 1
      let d = 1
      for (let level = 0; level < levels; level++) {
        a = (a << 1) + +(block[first + splits[base + a]!]! >= thresholds[base + a]!)
        b = (b << 1) + +(block[second + splits[base + b]!]! >= thresholds[base + b]!)
        c = (c << 1) + +(block[third + splits[base + c]!]! >= thresholds[base + c]!)
        d = (d << 1) + +(block[fourth + splits[base + d]!]! >= thresholds[base + d]!)
      }
      sums[row] = sums[row]! + lengths[leaves + a]!
      sums[row + 1] = sums[row + 1]! + lengths[leaves + b]!
      sums[row + 2] = sums[row + 2]! + lengths[leaves + c]!
      sums[row + 3] = sums[row + 3]! + lengths[leaves + d]!
    }
  }
  return {
    block,
    sum: (count) => {
      sums.fill(0)
      for (let tree = 0; tree < trees; tree++) descendAll(tree, count)
      return sums
    },
  }
}
