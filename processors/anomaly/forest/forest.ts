/**
 * Isolation Forest (Liu, Ting and Zhou, "Isolation Forest", ICDM 2008): random cuts isolate what is rare in few steps,
 * so a short mean path means an anomaly. This is the grown model; `fit-forest.ts` grows it, `score-rows.ts` reads it.
 *
 * Every tree is a complete heap of 2^levels leaves, node 1 at the top, so that the way down is arithmetic without a
 * branch: `at = 2·at + (x ≥ threshold)`, as many times as there are levels. A leaf that came early is padded: all
 * below it repeat its length, and whatever is compared there changes nothing.
 */
export interface Forest {
  features: number
  trees: number
  /** ψ: rows that each tree saw. */
  sampleSize: number
  levels: number
  /** What a missing value is taken for, by feature: the median of what the fit saw, 0 where it saw none. */
  medians: Float64Array
  /** 2^levels a tree; the first of each is unused. */
  thresholds: Float64Array
  /** Which feature a node asks about; laid out as `thresholds`. */
  splits: Uint8Array
  /** 2^(levels+1) a tree, in 1/65,536: depth + c(rows) of each node. The last half are the leaves. */
  lengths: Int32Array
}

/** Rows one after the other: `values[row * features + feature]`. NaN is a missing value. */
export interface Rows {
  values: Float64Array
  features: number
}

/** A feature's number is a byte. */
export const MAX_FEATURES = 255
/** With it a sum of path lengths (at most 12 + c(4096) each) stays below 2^31. */
export const MAX_TREES = 1_000
/** 2^12 leaves a tree: 100 trees are 7 MB. The paper finds nothing to gain above 256. */
export const MAX_SAMPLE_SIZE = 4_096
/** What is larger, infinite or not, is taken for this: a range of two of them is still a number. */
const MAX_MAGNITUDE = 1e300

export function rowCount(rows: Rows): number {
  return rows.values.length / rows.features
}

/**
 * The policy for values that are not plain numbers, in fit and score alike: NaN (missing) becomes the feature's median,
 * so that what is not known makes nobody suspicious; ±Infinity becomes ±1e300. All missing: 0 everywhere, never cut.
 */
export function plainValue(value: number, median: number): number {
  if (value >= -MAX_MAGNITUDE && value <= MAX_MAGNITUDE) return value
  if (value > MAX_MAGNITUDE) return MAX_MAGNITUDE
  return value < -MAX_MAGNITUDE ? -MAX_MAGNITUDE : median
}
