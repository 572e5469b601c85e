import type { Random } from '../../forest/seeded-random.ts'

/** A count by chance (Knuth): for means of some tens. */
export function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > limit; product *= random.next()) count++
  return count
}
