/** More than one writer: two on one partition, one that slept past its session, and rebalances in mid-step. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Hit } from '../fault.ts'
import { mendViews } from '../mend-views.ts'
import { type ProcessorChild, startChildProcessor } from '../processor-child.ts'
import { startProcessor } from '../processors.ts'
import { atStep, describePlace, STEPS, type StepPlace } from '../step-hook.ts'
import { withUncertainInsert } from '../uncertain-warehouse.ts'
import { within } from '../until.ts'
import type { World } from '../world.ts'
import { startWriters } from '../writers.ts'

const EVENTS_BEFORE = 60
const EVENTS_MEANWHILE = 20
const HELD_MS = 400

export const writerFaults: readonly Fault[] = [
  { name: 'two writers on each partition under load', sells: { orders: 60, bad: false }, inject: twoWriters },
  ...STEPS.filter((step) => step !== 'settle').map(
    (step): Fault => ({
      name: `a processor stopped before ${step} that wakes when another has taken over`,
      inject: (world) => {
        const at: StepPlace = { step, phase: 'before', nth: world.random.integer(3, 4) }
        return sleepAt(world, describePlace(at), startChildProcessor(world, { signal: 'SIGSTOP', at }))
      },
    }),
  ),
  {
    name: 'a processor stopped in mid-insert that wakes when another has taken over',
    inject: (world) => {
      const during = { nth: world.random.integer(2, 3), ms: world.random.integer(0, 8) }
      const child = startChildProcessor(world, { signal: 'SIGSTOP', during })
      return sleepAt(world, `${during.ms} ms into insert ${during.nth}`, child)
    },
  },
  ...STEPS.map(
    (step): Fault => ({
      name: `a rebalance while ${step} is held`,
      inject: (world) => {
        return rebalanceAt(world, { step, phase: 'before', nth: step === 'settle' ? 1 : 3 })
      },
    }),
  ),
]

async function twoWriters(world: World): Promise<Hit> {
  const startedAt = performance.now()
  const both = [await startWriters(world), await startWriters(world)]
  try {
    await world.settled()
  } finally {
    for (const writers of both) await writers.stop()
  }
  const [landed, fenced, settled = 0] = (['landed', 'fenced', 'settled'] as const).map((type) =>
    both.reduce((sum, { counts }) => sum + (counts.get(type) ?? 0), 0),
  )
  // An insert that takes longer than one waits for is ended by whoever wants the next step: its views are the reconciler's.
  if (settled > 0) await mendViews(world)
  if (fenced === 0) throw new Error('the two never met')
  return {
    where: `${landed} batches landed, ${fenced} were fenced, ${settled} settled`,
    recoveredMs: performance.now() - startedAt,
  }
}

async function sleepAt(world: World, where: string, child: ProcessorChild): Promise<Hit> {
  try {
    await child.ready()
    await world.sales.play(EVENTS_BEFORE)
    await child.hit()
    await sleep(world.sessionTimeoutMs * 1.5)
    const other = await startProcessor(world)
    try {
      await world.sales.play(EVENTS_MEANWHILE)
      await world.caughtUp()
      const wokenAt = performance.now()
      child.process.kill('SIGCONT')
      await world.settled()
      const recoveredMs = performance.now() - wokenAt
      await child.stop()
      return { where, recoveredMs }
    } finally {
      await other.stop()
    }
  } finally {
    await child.kill()
  }
}

async function rebalanceAt(world: World, at: StepPlace): Promise<Hit> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let tellHeld = () => {}
  const held = new Promise<void>((resolve) => {
    tellHeld = resolve
  })
  const onStep = atStep(at, () => {
    tellHeld()
    return released
  })
  const { warehouse: plain } = world.host
  const warehouse = at.step === 'settle' ? withUncertainInsert(plain, { nth: 2, lost: 'after' }) : plain
  const first = await startProcessor(world, { onStep, warehouse })
  try {
    await world.sales.play()
    await within('the step to be held', held)
    const joining = startProcessor(world)
    await sleep(HELD_MS)
    release()
    const releasedAt = performance.now()
    const second = await within('the second to join', joining)
    try {
      await world.settled()
    } finally {
      await second.stop()
    }
    return { where: describePlace(at), recoveredMs: performance.now() - releasedAt }
  } finally {
    release()
    await first.stop()
  }
}
