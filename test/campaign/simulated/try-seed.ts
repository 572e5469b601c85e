/** One seed: its plan, its world, and the oracle's word on what became of it. */
import { errorMessage } from '../../../core/runtime/errors.ts'
import { checkRefusals } from './damages.ts'
import { judge } from './judge.ts'
import { live } from './live.ts'
import type { Mutant } from './mutants/mutant.ts'
import { type Plan, planOf } from './plan.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

export interface Verdict {
  seed: number
  /** Empty is green. */
  said: string[]
  plan: Plan
  steps: number
  counts: World['counts']
  /** What was done, where it was asked for. */
  trace: string[]
}

export const UNCHANGED: Mutant = { name: 'none' }
/** A world that does more than this goes round in circles. */
const MAX_STEPS = 60_000

export async function trySeed(seed: number, mutant: Mutant = UNCHANGED, isTraced = false): Promise<Verdict> {
  const plan = planOf(seed)
  const trace = new Trace(isTraced)
  const world = new World(plan, mutant, trace)
  const said: string[] = []
  const story = async () => {
    await live(world)
    said.push(...(await judge(world)))
    // What the refusals need is damaged for good.
    if (said.length === 0) said.push(...(await checkRefusals(world)))
  }
  const onBug = (error: unknown) => {
    said.push(`nobody caught: ${errorMessage(error)}`)
  }
  process.on('unhandledRejection', onBug)
  try {
    await world.scheduler.run(story(), MAX_STEPS)
  } catch (error) {
    // What does not come to its end is wrong for that alone: books of half a day agree with nothing.
    said.push(`it does not end well: ${errorMessage(error)}`, ...world.faults)
  } finally {
    process.off('unhandledRejection', onBug)
  }
  return { seed, said, plan, steps: world.scheduler.steps, counts: world.counts, trace: trace.lines }
}
