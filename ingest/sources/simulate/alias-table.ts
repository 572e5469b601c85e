/**
 * Draws from weighted items in constant time: Walker's alias method as M. D. Vose builds it ("A linear algorithm for
 * generating random numbers with a given distribution", IEEE TSE 17, 1991). Weights must not be negative, not all zero.
 */
import type { Random } from './random.ts'

export interface AliasTable {
  /** The index of an item. */
  draw(random: Random): number
}

export function createAliasTable(weights: readonly number[]): AliasTable {
  const count = weights.length
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / count
  const share = Float64Array.from(weights, (weight) => weight / mean)
  const alias = new Int32Array(count)
  const small: number[] = []
  const large: number[] = []
  for (let index = 0; index < count; index++) (share[index]! < 1 ? small : large).push(index)
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!
    const more = large.at(-1)!
    alias[less] = more
    share[more] = share[more]! - (1 - share[less]!)
    if (share[more]! < 1) small.push(large.pop()!)
  }
  // What is left over has a share of 1, but for the last digit.
  for (const index of [...small, ...large]) share[index] = 1
  return {
    draw(random) {
      const index = random.below(count)
      return random.next() < share[index]! ? index : alias[index]!
    },
  }
}
