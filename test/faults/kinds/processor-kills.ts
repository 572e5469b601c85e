/** kill -9 of the processor, before and after each numbered step, and while an insert is under way. */
import type { Fault } from '../fault.ts'
import { type ProcessorChild, startChildProcessor } from '../processor-child.ts'
import { startProcessor } from '../processors.ts'
import { describePlace, PHASES, STEPS, type StepPlace } from '../step-hook.ts'
import type { UncertainInsert } from '../uncertain-warehouse.ts'
import { within } from '../until.ts'
import type { World } from '../world.ts'

/** Of what the shop has to tell: the rest comes after the kill. */
const EVENTS_BEFORE = 80
const ALL = 10_000

export const processorKills: readonly Fault[] = [
  ...STEPS.filter((step) => step !== 'settle').flatMap((step) =>
    PHASES.map(
      (phase): Fault => ({
        name: `kill -9 of the processor ${phase} ${step}`,
        // The first two times are those of the two partitions that wait for their first records.
        inject: (world) => killAt(world, { step, phase, nth: world.random.integer(3, 5) }),
      }),
    ),
  ),
  ...(['before', 'after'] as const).flatMap((lost) =>
    PHASES.map(
      (phase): Fault => ({
        name: `kill -9 of the processor ${phase} settle, insert lost ${lost} it landed`,
        inject: (world) => {
          const nth = world.random.integer(2, 4)
          return killAt(world, { step: 'settle', phase, nth: 1 }, { nth, lost })
        },
      }),
    ),
  ),
  { name: 'kill -9 of the processor in mid-insert', inject: killDuring },
  {
    name: 'kill -9 of the processor between insert and apply of two contents at one version',
    sells: { orders: 60, bad: false },
    inject: killAfterConflict,
  },
]

async function killAt(world: World, at: StepPlace, uncertain?: UncertainInsert) {
  const child = startChildProcessor(world, { signal: 'SIGKILL', at, uncertain })
  return { where: describePlace(at), recoveredMs: await recoverFrom(world, child) }
}

async function killDuring(world: World) {
  const during = { nth: world.random.integer(2, 4), ms: world.random.integer(0, 30) }
  const child = startChildProcessor(world, { signal: 'SIGKILL', during })
  return { where: `${during.ms} ms into insert ${during.nth}`, recoveredMs: await recoverFrom(world, child) }
}

/** The source must be asked which of the two is true, although nobody lives to apply the batch. */
async function killAfterConflict(world: World) {
  const { sales } = world
  const [key] = [...sales.source.lives].find(([, { conflict }]) => conflict)!
  const all = sales.source.nextEvents(ALL)
  await sales.append(all.filter((delivery) => delivery.key === key))
  const at: StepPlace = { step: 'apply', phase: 'before', nth: 1 }
  const child = startChildProcessor(world, { signal: 'SIGKILL', at, maxRecords: ALL })
  const others = () => sales.append(all.filter((delivery) => delivery.key !== key))
  return { where: describePlace(at), recoveredMs: await recoverFrom(world, child, others) }
}

async function recoverFrom(
  world: World,
  child: ProcessorChild,
  goOn: () => Promise<void> = () => world.sales.play(EVENTS_BEFORE),
): Promise<number> {
  try {
    await child.ready()
    await goOn()
    const hitAt = await child.hit()
    const how = await within('the kill', child.ended)
    if (how !== 'SIGKILL') throw new Error(`the processor ended with ${how}, not by the kill`)
    const next = await startProcessor(world)
    try {
      await world.settled()
    } finally {
      await next.stop()
    }
    return performance.now() - hitAt
  } finally {
    await child.kill()
  }
}
