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

/** Seeds that once saw what many others pass by. A change of the plan may make others of them. */
const SHARP_SEEDS = [10, 22, 54, 157]

/** Tries seeds until one of them sees the mutant: from the first one on, or those first that have sharp eyes. */
export async function findMutant(mutant: Mutant, isInHaste = false): Promise<Found> {
  const all = Array.from({ length: MAX_MUTANT_SEEDS }, (_, i) => i + 1)
  for (const seed of isInHaste ? [...all.slice(0, 3), ...SHARP_SEEDS, ...all] : all) {
    const { said } = await trySeed(seed, mutant)
    if (said.length > 0) return { mutant, seed, said: said[0]! }
  }
  return { mutant, seed: undefined, said: 'NOT FOUND' }
}

export function lineOf({ mutant, seed, said }: Found): string {
  return `${String(seed ?? '—').padStart(5)}  ${mutant.name.padEnd(66)} ${said.split('\n')[0]!.slice(0, 100)}`
}
