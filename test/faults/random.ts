/** A seeded random (mulberry32): the same seed makes the same fault at the same place. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number
  /** min ≤ x ≤ max. */
  integer(min: number, max: number): number
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, integer: (min, max) => min + Math.floor(next() * (max - min + 1)) }
}

/** Each fault has a stream of its own, so that leaving one out does not change the others. */
export function seedOf(name: string, seed: number): number {
  return (
    [...Buffer.from(name)].reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), seed ^ 0x811c9dc5) >>> 0
  )
}
