/** kill -9 of the processor, before and after each numbered step, and while an insert is under way. */
import type { Fault } from '../fault.ts'
import { type ProcessorChild, startChildProcessor } from '../processor-child.ts'
import { startProcessor } from '../processors.ts'
import { describePlace, PHASES, STEPS, type StepPlace } from '../step-hook.ts'
import type { UncertainInsert } from '../uncertain-warehouse.ts'
import { within } from '../until.ts'
import type { World } from '../world.ts'

const EVENTS = 100

export const processorKills: readonly Fault[] = [
  ...STEPS.filter((step) => step !== 'settle').flatMap((step) =>
    PHASES.map(
      (phase): Fault => ({
        name: `kill -9 of the processor ${phase} ${step}`,
        // The first two times are those of the two partitions that wait for their first records.
        inject: (world) => killAt(world, { step, phase, nth: world.random.integer(3, 6) }),
      }),
    ),
  ),
  ...(['before', 'after'] as const).flatMap((lost) =>
    PHASES.map(
      (phase): Fault => ({
        name: `kill -9 of the processor ${phase} settle, insert lost ${lost} it landed`,
        inject: (world) => {
          const nth = world.random.integer(2, 5)
          return killAt(world, { step: 'settle', phase, nth: 1 }, { nth, lost })
        },
      }),
    ),
  ),
  { name: 'kill -9 of the processor in mid-insert', inject: killDuring },
]

async function killAt(world: World, at: StepPlace, uncertain?: UncertainInsert) {
  const child = startChildProcessor(world, { signal: 'SIGKILL', at, uncertain })
  return { where: describePlace(at), recoveredMs: await recoverFrom(world, child) }
}

async function killDuring(world: World) {
  const during = { nth: world.random.integer(2, 5), ms: world.random.integer(0, 30) }
  const child = startChildProcessor(world, { signal: 'SIGKILL', during })
  return { where: `${during.ms} ms into insert ${during.nth}`, recoveredMs: await recoverFrom(world, child) }
}

async function recoverFrom(world: World, child: ProcessorChild): Promise<number> {
  try {
    await child.ready()
    await world.play(EVENTS)
    const hitAt = await child.hit()
    const how = await within('the kill', child.ended)
    if (how !== 'SIGKILL') throw new Error(`the processor ended with ${how}, not by the kill`)
    const next = await startProcessor(world)
    try {
      await world.play(EVENTS / 4)
      await world.caughtUp()
    } finally {
      await next.stop()
    }
    return performance.now() - hitAt
  } finally {
    await child.kill()
  }
}
