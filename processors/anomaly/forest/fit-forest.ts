/**
 * Grows an isolation forest. Each tree draws ψ rows without replacement and cuts them: a feature that varies in the
 * node, uniformly; a threshold uniform between its least and greatest value there; until a row is alone, all are
 * equal, or the height limit ⌈log2 ψ⌉ is reached (Liu, Ting and Zhou 2008, algorithms 1 and 2).
 *
 * A feature that is constant in a node is passed over, as a cut of it would isolate nobody: the paper's algorithm may
 * waste a level on it. Each tree has a random stream of its own: the forest is the same however its trees are split
 * over workers. Cost: ψ·log ψ a tree; of all rows only those drawn are read.
 */
import { RevwallError } from '../../../core/runtime/errors.ts'
import {
  type Forest,
  MAX_FEATURES,
  MAX_SAMPLE_SIZE,
  MAX_TREES,
  plainValue,
  type Rows,
  rowCount,
} from './forest.ts'
import { averagePathLengths, LENGTH_UNIT } from './path-length.ts'
import { type Random, seededRandom } from './seeded-random.ts'

export interface FitOptions {
  seed: number
  /** Default 100. */
  trees?: number
  /** ψ, default 256; fewer where there are fewer rows. */
  sampleSize?: number
}

const MEDIAN_ROWS = 1_024
/** The stream that draws rows for the medians; trees have 0, 1, 2 … */
const MEDIAN_STREAM = 0x7fff_ffff

/** The whole forest. Throws RevwallError `forest_input` for fewer than 2 rows or sizes out of bounds. */
export function fitForest(rows: Rows, options: FitOptions): Forest {
  return growTrees(rows, options, 0, options.trees ?? 100)
}

/** The trees from … to − 1 of that forest, for a worker; `joinForests` puts them together. */
export function growTrees(rows: Rows, options: FitOptions, from: number, to: number): Forest {
  const forest = emptyForest(rows, options, to - from)
  const lengths = averagePathLengths(forest.sampleSize)
  for (let tree = from; tree < to; tree++) {
    const random = seededRandom(options.seed, tree)
    const sample = plainSample(rows, drawRows(rowCount(rows), forest.sampleSize, random), forest.medians)
    growTree({ forest, tree: tree - from, sample, lengths, random })
  }
  return forest
}

/** Parts of one forest, in the order of their trees. */
export function joinForests(parts: readonly Forest[]): Forest {
  const first = parts[0]
  if (first === undefined) throw new RevwallError('forest_input', 'a forest is joined from at least one part')
  const trees = parts.reduce((sum, part) => sum + part.trees, 0)
  const { levels } = first
  const joined = {
    ...first,
    trees,
    thresholds: new Float64Array(trees << levels),
    splits: new Uint8Array(trees << levels),
    lengths: new Int32Array(trees << (levels + 1)),
  }
  let tree = 0
  for (const part of parts) {
    joined.thresholds.set(part.thresholds, tree << levels)
    joined.splits.set(part.splits, tree << levels)
    joined.lengths.set(part.lengths, tree << (levels + 1))
    tree += part.trees
  }
  return joined
}

function emptyForest(rows: Rows, { seed, sampleSize: wanted = 256 }: FitOptions, trees: number): Forest {
  const count = rowCount(rows)
  check(Number.isInteger(count) && count >= 2, `a forest needs 2 rows or more, not ${count}`)
  check(within(rows.features, 1, MAX_FEATURES), `rows have 1 to ${MAX_FEATURES} features`)
  check(within(trees, 1, MAX_TREES), `a forest has 1 to ${MAX_TREES} trees, not ${trees}`)
  check(within(wanted, 2, MAX_SAMPLE_SIZE), `a tree sees 2 to ${MAX_SAMPLE_SIZE} rows, not ${wanted}`)
  const sampleSize = Math.min(wanted, count)
  const levels = Math.ceil(Math.log2(sampleSize))
  return {
    ...{ features: rows.features, trees, sampleSize, levels },
    medians: mediansOf(
      rows,
      drawRows(count, Math.min(MEDIAN_ROWS, count), seededRandom(seed, MEDIAN_STREAM)),
    ),
    thresholds: new Float64Array(trees << levels),
    splits: new Uint8Array(trees << levels),
    lengths: new Int32Array(trees << (levels + 1)),
  }
}

function check(isRight: boolean, message: string): void {
  if (!isRight) throw new RevwallError('forest_input', message)
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** `size` different numbers below `count` (Floyd's algorithm): each set as likely as any other. */
function drawRows(count: number, size: number, random: Random): Uint32Array {
  const drawn = new Set<number>()
  for (let last = count - size; last < count; last++) {
    const pick = random.below(last + 1)
    drawn.add(drawn.has(pick) ? last : pick)
  }
  return Uint32Array.from(drawn)
}

/** What a missing value is taken for, by feature; `drawn` are the rows that are asked. */
export function mediansOf({ values, features }: Rows, drawn: Uint32Array): Float64Array {
  return Float64Array.from({ length: features }, (_, feature) => {
    const known = Float64Array.from(drawn, (row) => plainValue(values[row * features + feature]!, Number.NaN))
      .filter((value) => !Number.isNaN(value))
      .sort()
    return known.length === 0 ? 0 : known[known.length >> 1]!
  })
}

function plainSample({ values, features }: Rows, drawn: Uint32Array, medians: Float64Array): Float64Array {
  const sample = new Float64Array(drawn.length * features)
  let at = 0
  for (const row of drawn)
    for (let feature = 0; feature < features; feature++)
      sample[at++] = plainValue(values[row * features + feature]!, medians[feature]!)
  return sample
}

interface Growing {
  forest: Forest
  tree: number
  sample: Float64Array
  /** c(n) in 1/65,536. */
  lengths: Int32Array
  random: Random
}

interface Node {
  /** Its number in the heap, from 1. */
  at: number
  depth: number
  /** The rows of the sample that came here: order[from] … order[to − 1]. */
  from: number
  to: number
}

function growTree(growing: Growing): void {
  const { forest, tree, lengths } = growing
  const order = Uint32Array.from({ length: forest.sampleSize }, (_, row) => row)
  const candidates = new Uint8Array(forest.features)
  const open: Node[] = [{ at: 1, depth: 0, from: 0, to: forest.sampleSize }]
  // Depth first, left before right, in one fixed order: the random stream is used up alike everywhere.
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { at, depth, from, to } = node
    const length = depth * LENGTH_UNIT + lengths[to - from]!
    const cut = depth < forest.levels && to - from > 1 ? chooseCut(growing, order, node, candidates) : null
    if (cut === null) {
      padBelow(forest, tree, node, length)
      continue
    }
    forest.lengths[(tree << (forest.levels + 1)) + at] = length
    forest.thresholds[(tree << forest.levels) + at] = cut.threshold
    forest.splits[(tree << forest.levels) + at] = cut.feature
    const middle = partition(growing, order, node, cut)
    open.push({ at: 2 * at + 1, depth: depth + 1, from: middle, to })
    open.push({ at: 2 * at, depth: depth + 1, from, to: middle })
  }
}

interface Cut {
  feature: number
  threshold: number
}

/** Null where all rows are equal. Features are tried in random order until one varies, without drawing one twice. */
function chooseCut(growing: Growing, order: Uint32Array, node: Node, candidates: Uint8Array): Cut | null {
  const { forest, random } = growing
  for (let feature = 0; feature < forest.features; feature++) candidates[feature] = feature
  for (let left = forest.features; left > 0; left--) {
    const pick = random.below(left)
    const feature = candidates[pick]!
    const { least, greatest } = rangeOf(growing, order, node, feature)
    if (least < greatest) {
      const threshold = least + random.next() * (greatest - least)
      // Rounding may give the least value itself, and an empty left side.
      return { feature, threshold: threshold > least && threshold <= greatest ? threshold : greatest }
    }
    candidates[pick] = candidates[left - 1]!
  }
  return null
}

function rangeOf({ forest, sample }: Growing, order: Uint32Array, { from, to }: Node, feature: number) {
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (let at = from; at < to; at++) {
    const value = sample[order[at]! * forest.features + feature]!
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return { least, greatest }
}

/** Moves those below the threshold to the front; says where the others begin. */
function partition({ forest, sample }: Growing, order: Uint32Array, { from, to }: Node, cut: Cut): number {
  let middle = from
  for (let at = from; at < to; at++) {
    const row = order[at]!
    if (sample[row * forest.features + cut.feature]! >= cut.threshold) continue
    order[at] = order[middle]!
    order[middle++] = row
  }
  return middle
}

/** An early leaf: whatever stands below it in the heap has its length. */
function padBelow({ levels, lengths }: Forest, tree: number, { at, depth }: Node, length: number): void {
  const base = tree << (levels + 1)
  for (let down = 0; down <= levels - depth; down++)
    lengths.fill(length, base + (at << down), base + ((at + 1) << down))
}
