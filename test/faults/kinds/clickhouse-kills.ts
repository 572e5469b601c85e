/** kill -9 of ClickHouse, before and after each numbered step, and in the middle of large inserts. */
import type { StepHook } from '../../../processors/orders/partition-loop.ts'
import type { Fault, Hit } from '../fault.ts'
import { mendViews } from '../mend-views.ts'
import { type ProcessorOptions, startProcessor } from '../processors.ts'
import { atStep, describePlace, PHASES, STEPS, type StepPlace } from '../step-hook.ts'
import { duringInsert, withUncertainInsert } from '../uncertain-warehouse.ts'
import type { World } from '../world.ts'

const LARGE_SHOP = { orders: 150, bad: false }
const LARGE_BATCH = 200
const MID_INSERT_ROUNDS = 4

export const clickhouseKills: readonly Fault[] = [
  ...STEPS.flatMap((step) =>
    PHASES.map(
      (phase): Fault => ({
        name: `kill -9 of ClickHouse ${phase} ${step}`,
        inject: (world) =>
          killAt(world, { step, phase, nth: step === 'settle' ? 1 : world.random.integer(3, 5) }),
      }),
    ),
  ),
  ...Array.from(
    { length: MID_INSERT_ROUNDS },
    (_, round): Fault => ({
      name: `kill -9 of ClickHouse in mid-insert, round ${round + 1}`,
      sells: LARGE_SHOP,
      inject: killDuring,
    }),
  ),
]

async function killAt(world: World, at: StepPlace): Promise<Hit> {
  const kill = killer(world)
  const onStep: StepHook = atStep(at, kill.act)
  // To settle something there must be something uncertain.
  const plan = {
    nth: world.random.integer(2, 4),
    lost: world.random.next() < 0.5 ? 'before' : 'after',
  } as const
  const warehouse =
    at.step === 'settle' ? withUncertainInsert(world.host.warehouse, plan) : world.host.warehouse
  return recover(world, { onStep, warehouse }, kill, describePlace(at))
}

async function killDuring(world: World): Promise<Hit> {
  const kill = killer(world)
  const during = { nth: world.random.integer(1, 3), ms: world.random.integer(5, 250) }
  const warehouse = duringInsert(world.host.warehouse, during, kill.act)
  await world.sales.play()
  const limits = { maxRecords: LARGE_BATCH }
  return recover(world, { warehouse, limits }, kill, `${during.ms} ms into insert ${during.nth}`)
}

function killer({ host }: World) {
  const kill = {
    at: 0,
    act: () => {
      kill.at = performance.now()
      host.kill()
    },
  }
  return kill
}

async function recover(
  world: World,
  options: ProcessorOptions,
  kill: { at: number },
  where: string,
): Promise<Hit> {
  const processor = await startProcessor(world, options)
  try {
    await world.settled()
    if (kill.at === 0) throw new Error(`ClickHouse was never killed: ${where}`)
    const recoveredMs = performance.now() - kill.at
    const apart = await mendViews(world)
    return { where: `${where}${apart > 0 ? `, ${apart} views apart and mended` : ''}`, recoveredMs }
  } finally {
    await processor.stop()
  }
}
