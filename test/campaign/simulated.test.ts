/**
 * The simulated half of the campaign, as much of it as every test run has time for: a fixed set of seeds is green, the same
 * seed is the same world, and every mutant is found.
 */
import { describe, expect, it } from 'vitest'
import { findMutant, lineOf, MUTANTS } from './simulated/mutants/mutants.ts'
import { trySeed } from './simulated/try-seed.ts'

const SEEDS = 40
/** A refused batch at the log's end waited for the next record. */
const ONCE_RED = [20, 73, 81, 88]

it('is green for a fixed set of seeds', async () => {
  const counts: Record<string, number> = {}
  const seeds = [
    ...Array.from({ length: SEEDS }, (_, i) => i + 1),
    ...ONCE_RED.filter((seed) => seed > SEEDS),
  ]
  for (const seed of seeds) {
    const verdict = await trySeed(seed)
    expect(verdict.said, `npm run campaign -- --simulated --seed ${seed}`).toEqual([])
    for (const [name, times] of Object.entries(verdict.counts)) counts[name] = (counts[name] ?? 0) + times
  }
  console.log(`simulated: ${seeds.length} seeds, ${JSON.stringify(counts)}`)
  // A world in which nothing goes wrong proves nothing.
  for (const name of ['landed', 'settled', 'fenced', 'killed', 'crashes'])
    expect(counts[name]).toBeGreaterThan(1)
})

it('does the same again for the same seed', async () => {
  for (const seed of [3, 15, 28]) {
    const [one, other] = [await trySeed(seed, undefined, true), await trySeed(seed, undefined, true)]
    expect(one.trace.length).toBeGreaterThan(50)
    expect(other.trace).toEqual(one.trace)
  }
})

describe('finds every mutant', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
    const found = await findMutant(mutant, true)
    console.log(`mutant: ${lineOf(found)}`)
    expect(found.seed, mutant.name).toBeDefined()
  })
})
