/** All deliberate faults, and how many seeds it takes to find one. */
import { trySeed } from '../try-seed.ts'
import { INSERT_MUTANTS } from './insert-mutants.ts'
import type { Mutant } from './mutant.ts'
import { REPAIR_MUTANTS } from './repair-mutants.ts'
import { SETTLE_MUTANTS } from './settle-mutants.ts'
import { STATE_MUTANTS } from './state-mutants.ts'

export const MUTANTS: readonly Mutant[] = [
  ...INSERT_MUTANTS,
  ...SETTLE_MUTANTS,
  ...STATE_MUTANTS,
  ...REPAIR_MUTANTS,
]

/** One that lives longer than this is a hole in the campaign. */
export const MAX_MUTANT_SEEDS = 300

export interface Found {
  mutant: Mutant
  /** The first seed that turned red; undefined where none did. */
  seed: number | undefined
  said: string
}

/** Tries seeds from the first one on, until one of them sees the mutant. */
export async function findMutant(mutant: Mutant, maxSeeds = MAX_MUTANT_SEEDS): Promise<Found> {
  for (let seed = 1; seed <= maxSeeds; seed++) {
    const { said } = await trySeed(seed, mutant)
    if (said.length > 0) return { mutant, seed, said: said[0]! }
  }
  return { mutant, seed: undefined, said: 'NOT FOUND' }
}

export function lineOf({ mutant, seed, said }: Found): string {
  return `${String(seed ?? '—').padStart(5)}  ${mutant.name.padEnd(66)} ${said.split('\n')[0]!.slice(0, 100)}`
}
