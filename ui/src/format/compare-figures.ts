/** A figure against the same figure of another day: direction, size, and whether that is good. */
import { messages } from '../messages.ts'
import { perMille, toE4 } from './decimal.ts'
import { formatPerMille, formatWhole } from './format-number.ts'

export type Polarity = 'more is good' | 'less is good'
export type Comparison = {
  direction: 'up' | 'down' | 'same'
  /** Null when equal: no news is neither. */
  good: boolean | null
  /** The size of the difference without a sign: "4.3 %" or "11". */
  size: string
  /** "more" or "less": the arrow is never alone. */
  word: string
}

type Options = { polarity?: Polarity; as: 'percent' | 'difference' }

/** Null where there is nothing to compare with. Decimal strings or counts. */
export function compareFigures(
  now: string | number | null | undefined,
  then: string | number | null | undefined,
  { polarity = 'more is good', as }: Options,
): Comparison | null {
  if (now == null || then == null) return null
  const base = toE4(String(then))
  const difference = toE4(String(now)) - base
  if (difference === 0n) return { direction: 'same', good: null, size: '', word: messages.compare.same }
  const up = difference > 0n
  const magnitude = up ? difference : -difference
  // A share of nothing, or of a negative day, says nothing: then the difference itself is shown.
  const percent = as === 'percent' && base > 0n
  return {
    direction: up ? 'up' : 'down',
    good: up === (polarity === 'more is good'),
    size: percent ? formatPerMille(perMille(magnitude, base)) : formatWhole(wholeUnits(magnitude)),
    word: up ? messages.compare.more : messages.compare.less,
  }
}

/** E4 to a decimal string of the magnitude; `formatWhole` rounds it. */
const wholeUnits = (e4: bigint): string => `${e4 / 10_000n}.${(e4 % 10_000n).toString().padStart(4, '0')}`
