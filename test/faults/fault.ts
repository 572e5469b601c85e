/** What a fault is, and how one is tried: play, break, recover, compare. The campaign takes the same lists. */
import type { EngineHost } from './engine-host.ts'
import { seededRandom, seedOf } from './random.ts'
import { openWorld, type World } from './world.ts'

export interface Fault {
  name: string
  /**
   * Does the damage and waits until it is recovered from. Everything that it starts it also ends, whatever happens.
   * Throws where the recovery is not as promised.
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

export async function tryFault(fault: Fault, host: EngineHost, seed: number): Promise<FaultReport> {
  const world = await openWorld(host, seededRandom(seedOf(fault.name, seed)))
  try {
    const hit = await fault.inject(world)
    const differences = await world.differences()
    return { fault: fault.name, seed, ...hit, differences }
  } finally {
    await world.close()
  }
}

export function reportLine({ fault, where, recoveredMs, differences }: FaultReport): string {
  return `fault: ${fault} | ${where} | recovered in ${Math.round(recoveredMs)} ms | oracle differences: ${differences.length}`
}
