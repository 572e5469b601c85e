/**
 * The rules of the Numenta Anomaly Benchmark (Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms",
 * ICMLA 2015), standard profile. Each labelled window is worth 1 when it is detected at its left edge and less the
 * later, by a scaled sigmoid; −1 when it is missed; a detection outside costs up to 0.11, the more the farther behind
 * a window. The first 15 % of a file (750 rows at most) are for learning and not scored. The sum is put on a scale
 * where a detector that says nothing has 0 and a perfect one 100; one threshold holds for all files, the best one.
 */
export interface NabWindow {
  /** First and last row. */
  from: number
  to: number
}

export interface NabRun {
  /** One a row, above 0 where the detector says something; larger is surer. */
  scores: Float64Array
  windows: readonly NabWindow[]
}

const WEIGHTS = { truePositive: 1, falsePositive: 0.11, falseNegative: 1 }
const PROBATION = 0.15
const MAX_PROBATION_ROWS = 5_000 * PROBATION
/** So many windows' widths behind one, a false positive costs all it can. */
const FAR_BEHIND = 3

export interface NabResult {
  /** 0 for silence, 100 for perfection. */
  score: number
  threshold: number
  windows: number
  found: number
  falsePositives: number
}

/** The best threshold for all files together, and what it gives. */
export function scoreNab(runs: readonly NabRun[]): NabResult {
  return sweep(runs, 0).reduce((best, one) => (one.score > best.score ? one : best))
}

/** What a given threshold gives. */
export function scoreAt(runs: readonly NabRun[], threshold: number): NabResult {
  return { ...sweep(runs, threshold).at(-1)!, threshold }
}

/** A row that is scored: what it adds if it is a detection. */
interface Detection {
  score: number
  /** Of which only the best counts; undefined outside of all. */
  window: NabWindow | undefined
  worth: number
}

/** The result at each threshold from infinity down to `least`: the rows are taken up one by one, surest first. */
function sweep(runs: readonly NabRun[], least: number): NabResult[] {
  const windows = runs.reduce((sum, { scores, windows }) => sum + scoredWindows(scores, windows).length, 0)
  const detections = runs.flatMap(detectionsOf).filter(({ score }) => score > 0 && score >= least)
  detections.sort((a, b) => b.score - a.score)
  const best = new Map<NabWindow, number>()
  let outside = 0
  let falsePositives = 0
  const results = [resultOf({ best, outside, falsePositives, windows, threshold: Number.POSITIVE_INFINITY })]
  for (const [at, { score, window, worth }] of detections.entries()) {
    if (window === undefined) {
      outside += worth
      falsePositives += 1
    } else best.set(window, Math.max(worth, best.get(window) ?? Number.NEGATIVE_INFINITY))
    // Equal scores are taken up together.
    if (detections[at + 1]?.score === score) continue
    results.push(resultOf({ best, outside, falsePositives, windows, threshold: score }))
  }
  return results
}

interface Sums {
  best: ReadonlyMap<NabWindow, number>
  outside: number
  falsePositives: number
  windows: number
  threshold: number
}

function resultOf({ best, outside, falsePositives, windows, threshold }: Sums): NabResult {
  const inside = [...best.values()].reduce((sum, worth) => sum + worth, 0)
  const found = best.size
  const silent = -WEIGHTS.falseNegative * windows
  const raw = inside + outside - WEIGHTS.falseNegative * (windows - found)
  const score = (100 * (raw - silent)) / (WEIGHTS.truePositive * windows - silent)
  return { score, threshold, windows, found, falsePositives }
}

function detectionsOf({ scores, windows }: NabRun): Detection[] {
  return Array.from(scores.subarray(firstScored(scores)), (score, at) => {
    const row = firstScored(scores) + at
    const window = windows.find(({ from, to }) => row >= from && row <= to)
    const worth = window
      ? WEIGHTS.truePositive * worthOf(window, row)
      : WEIGHTS.falsePositive * costOf(windows, row)
    return { score, window, worth }
  })
}

function scoredWindows(scores: Float64Array, windows: readonly NabWindow[]): NabWindow[] {
  return windows.filter(({ to }) => to >= firstScored(scores))
}

function firstScored(scores: Float64Array): number {
  return Math.floor(Math.min(PROBATION * scores.length, MAX_PROBATION_ROWS))
}

/** 1 at the left edge. */
function worthOf({ from, to }: NabWindow, row: number): number {
  const position = -(to - row + 1) / (to - from + 1)
  return scaledSigmoid(position) / scaledSigmoid(-1)
}

/** Below 0. */
function costOf(windows: readonly NabWindow[], row: number): number {
  const behind = windows.filter(({ to }) => to < row).at(-1)
  if (behind === undefined) return -1
  const position = (row - behind.to) / Math.max(1, behind.to - behind.from)
  return position >= FAR_BEHIND ? -1 : scaledSigmoid(position)
}

/** From near 1 at −1 through 0 at the right edge to near −1. */
function scaledSigmoid(position: number): number {
  return 2 / (1 + Math.exp(5 * position)) - 1
}
