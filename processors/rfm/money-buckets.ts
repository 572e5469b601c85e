/**
 * Order statistics of a column of money without sorting it: a histogram over the leading bits of the values as they are
 * stored, then finer histograms of only those buckets that hold a wanted rank, until a bucket is one integer.
 *
 * A double's bits are ascending in its magnitude (IEEE 754), so exponent and leading 12 bits of the fraction number the
 * buckets: a bucket is at most 1/4096 of its values wide, and one integer below 4,096. A finer histogram divides a bucket
 * by 65,536: one is enough below 2^28 (26,843 units of the currency), three up to 2^53. Ties cost nothing.
 *
 * Limits: a little-endian machine, as ClickHouse and every platform of Node is; integers within ±2^53.
 */
import { RevwallError } from '../../core/runtime/errors.ts'
import type { RowRange } from './rfm-columns.ts'

const BITS = 12
const PER_OCTAVE = 1 << BITS
const OCTAVES = 53
const MAGNITUDES = OCTAVES * PER_OCTAVE
/** The number of the magnitude 1. */
const ONE = 1_023 * PER_OCTAVE
/** Bucket of zero; negative ones below it, positive ones above. */
const ZERO = MAGNITUDES
export const MONEY_BUCKETS = 2 * MAGNITUDES + 1
/** Parts of a bucket that a finer histogram tells apart. */
const PARTS = 65_536

/** The bucket of the value of these words, or −1 where it is no integer within ±2^53. */
export function moneyBucket(high: number, low: number): number {
  const magnitude = ((high & 0x7fff_ffff) >>> 8) - ONE
  if (magnitude < 0) return (high & 0x7fff_ffff) === 0 && low === 0 ? ZERO : -1
  if (magnitude >= MAGNITUDES) return -1
  return high >= 0 ? ZERO + 1 + magnitude : ZERO - 1 - magnitude
}

/** The words of a column, two a value, the high one second. */
export function wordsOf(values: Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2)
}

export function notExact(): RevwallError {
  return new RevwallError(
    'rfm-money-not-exact',
    'a customer’s monetary value is no integer of 1/10,000 units within ±2^53: sum it as Decimal, and give it as E4',
  )
}

/** Integers from `low` to before `low + width`, and which rank is looked for among them. */
interface Wanted {
  rank: number
  low: number
  width: number
  /** Rank within the interval. */
  offset: number
}

/** Wanted ranks, ascending, and the interval that each is known to lie in. */
export type MoneySelection = readonly Wanted[]

/** An interval of a finer histogram: PARTS parts of `step` integers. */
export interface MoneyTarget {
  low: number
  step: number
}

/** `counts` are of `moneyBucket`, `ranks` ascending. */
export function selectMoney(counts: Uint32Array, ranks: readonly number[]): MoneySelection {
  const wanted: Wanted[] = []
  let before = 0
  let bucket = 0
  for (const rank of ranks) {
    while (before + counts[bucket]! <= rank) before += counts[bucket++]!
    wanted.push({ rank, ...intervalOf(bucket), offset: rank - before })
  }
  return wanted
}

/** What has to be counted finer, ascending; none: all values are known. */
export function targetsOf(selection: MoneySelection): MoneyTarget[] {
  const targets: MoneyTarget[] = []
  for (const { low, width } of selection)
    if (width > 1 && targets.at(-1)?.low !== low)
      targets.push({ low, step: Math.max(1, Math.ceil(width / PARTS)) })
  return targets
}

/** Counts of the rows' values in each target's parts, one target after the other. Free slots do not count. */
export function countParts(
  { orders, monetaryE4 }: { orders: Int32Array; monetaryE4: Float64Array },
  { from, to }: RowRange,
  targets: readonly MoneyTarget[],
): Uint32Array {
  const counts = new Uint32Array(targets.length * PARTS)
  const candidates = bucketsOf(targets)
  const words = wordsOf(monetaryE4)
  for (let row = from; row < to; row++) {
    const bucket = moneyBucket(words[2 * row + 1]!, words[2 * row]!)
    if (candidates[bucket] !== 1 || orders[row]! <= 0) continue
    const value = monetaryE4[row]!
    for (let at = 0; at < targets.length; at++) {
      const part = Math.floor((value - targets[at]!.low) / targets[at]!.step)
      if (part >= 0 && part < PARTS) counts[at * PARTS + part]!++
    }
  }
  return counts
}

/** The same selection, with each wanted rank in one part of its interval. */
export function narrow(
  selection: MoneySelection,
  targets: readonly MoneyTarget[],
  counts: Uint32Array,
): MoneySelection {
  return selection.map((one) => {
    const at = targets.findIndex(({ low }) => low === one.low)
    if (one.width === 1 || at === -1) return one
    let part = at * PARTS
    let { offset } = one
    while (counts[part]! <= offset) offset -= counts[part++]!
    const { low, step } = targets[at]!
    return { rank: one.rank, low: low + (part - at * PARTS) * step, width: step, offset }
  })
}

/** The value at each rank, once there are no targets left. */
export function valuesOf(selection: MoneySelection): Map<number, number> {
  return new Map(selection.map(({ rank, low }) => [rank, low]))
}

function intervalOf(bucket: number): { low: number; width: number } {
  if (bucket === ZERO) return { low: 0, width: 1 }
  const magnitude = Math.abs(bucket - ZERO) - 1
  const octave = Math.floor(magnitude / PER_OCTAVE)
  const low = 2 ** octave * (1 + (magnitude % PER_OCTAVE) / PER_OCTAVE)
  const width = Math.max(1, 2 ** (octave - BITS))
  return bucket > ZERO ? { low, width } : { low: -low - width + 1, width }
}

/** 1 for each bucket that a target lies in. A target never crosses a bucket's edge, up to its last part's overhang. */
function bucketsOf(targets: readonly MoneyTarget[]): Uint8Array {
  const buckets = new Uint8Array(MONEY_BUCKETS)
  const value = new Float64Array(1)
  const words = wordsOf(value)
  for (const { low } of targets) {
    value[0] = low
    buckets[moneyBucket(words[1]!, words[0]!)] = 1
  }
  return buckets
}
