/** What a fault is, and how one is tried: sell, break, recover, compare. The campaign takes the same lists. */
import { seededRandom, seedOf } from './random.ts'
import type { SourcePlan } from './sales.ts'
import type { World } from './world.ts'

export interface Fault {
  name: string
  /** What is sold meanwhile, where that matters. */
  sells?: SourcePlan
  /**
   * Does the damage and waits until it is recovered from and all is in the table. Everything that it starts it also
   * ends, whatever happens. Throws where the recovery is not as promised.
   */
  inject(world: World): Promise<Hit>
}

export interface Hit {
  /** The place, for people. */
  where: string
  recoveredMs: number
}

export interface FaultReport extends Hit {
  fault: string
  seed: number
  differences: string[]
}

/** A world may be used for one fault after the other, as long as each of them leaves no difference. */
export async function tryFault(fault: Fault, world: World, seed: number): Promise<FaultReport> {
  world.random = seededRandom(seedOf(fault.name, seed))
  world.sales.begin(world.random, fault.sells)
  const hit = await fault.inject(world)
  const differences = await world.differences()
  return { fault: fault.name, seed, ...hit, differences }
}

export function reportLine({ fault, where, recoveredMs, differences }: FaultReport): string {
  return `fault: ${fault} | ${where} | recovered in ${Math.round(recoveredMs)} ms | oracle differences: ${differences.length}`
}
