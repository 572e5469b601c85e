/** The log's tail, the state, the code and the barrier. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { withBarrier } from '../../../clickhouse/audit/barrier.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import type { AppendPlan } from '../append-process.ts'
import type { Fault, Hit } from '../fault.ts'
import { startChildProcessor } from '../processor-child.ts'
import { startProcessor, whileProcessing } from '../processors.ts'
import { until, within } from '../until.ts'
import type { World } from '../world.ts'
import { startWriters } from '../writers.ts'

const EVENTS_BEFORE = 40
const APPENDED_AT_ONCE = 3
const HELD_MS = 800
const EXPIRES_MS = 1_000
const PROGRAM = fileURLToPath(new URL('../append-process.ts', import.meta.url))

export const logAndCodeFaults: readonly Fault[] = [
  {
    name: 'kill -9 of a source while it appends',
    // Only of events without an answer to give is it all the same how often they come.
    sells: { orders: 60, bad: false, duplicates: 'none' },
    inject: tearTail,
  },
  {
    name: 'the state deleted after every batch, every event twice and shuffled',
    sells: { duplicates: 'all', shuffleWindow: 60, bad: false },
    inject: forget,
  },
  { name: 'new code between crash and recovery', inject: newCode },
  { name: 'a barrier held open during load', inject: holdBarrier },
  { name: 'a barrier whose owner died expires', inject: expireBarrier },
]

async function tearTail(world: World): Promise<Hit> {
  const { sales } = world
  const plan: AppendPlan = { place: world.place, source: sales.plan, atOnce: APPENDED_AT_ONCE }
  const stopAt = world.random.integer(30, 120)
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let said = ''
  const acknowledged = () => Number(said.split('\n').at(-2) ?? 0)
  try {
    const torn = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (acknowledged() >= stopAt && child.kill('SIGKILL')) resolve()
      })
    })
    await within('the source to be killed', torn)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  const killedAt = performance.now()
  // What was acknowledged is there; what comes after it may be there too, and is told again.
  sales.source.nextEvents(acknowledged())
  await whileProcessing(world, () => world.settled())
  return {
    where: `after ${acknowledged()} acknowledged records`,
    recoveredMs: performance.now() - killedAt,
  }
}

async function forget(world: World): Promise<Hit> {
  const startedAt = performance.now()
  const writers = await startWriters(world, { forgets: true })
  try {
    await world.settled()
  } finally {
    await writers.stop()
  }
  const where = `${writers.counts.get('recovered')} recoveries for ${writers.counts.get('landed')} batches`
  return { where, recoveredMs: performance.now() - startedAt }
}

async function newCode(world: World): Promise<Hit> {
  const at = { step: 'insert', phase: 'after', nth: 3 } as const
  const child = startChildProcessor(world, { signal: 'SIGKILL', at })
  try {
    await child.ready()
    await world.sales.play(EVENTS_BEFORE * 2)
    await within('the kill', child.ended)
  } finally {
    await child.kill()
  }
  const killedAt = performance.now()
  await whileProcessing(world, () => world.settled(), { code: 'new' })
  const recoveredMs = performance.now() - killedAt
  const codes = await world.host.warehouse.query<{ code: string }>(
    `SELECT DISTINCT mark_code AS code FROM ${world.database}.order_changes WHERE sign = 0 ORDER BY code`,
  )
  const names = codes.map(({ code }) => code)
  if (!names.includes('child') || !names.includes('new')) throw new Error(`the marks tell of code ${names}`)
  return { where: `marks of code ${names.join(', ')}`, recoveredMs }
}

async function holdBarrier(world: World): Promise<Hit> {
  const { host, database, sales, random } = world
  const processor = await startProcessor(world)
  try {
    await sales.play(EVENTS_BEFORE)
    const options = { warehouse: host.warehouse, database, run: world.context().run, clock: systemClock }
    await withBarrier({ ...options, random: random.next, owner: 'a fault' }, async () => {
      const before = await world.marks()
      await sales.play(EVENTS_BEFORE)
      await sleep(HELD_MS)
      const after = await world.marks()
      if (`${before}` !== `${after}`)
        throw new Error(`marks went from ${before} to ${after} behind a barrier`)
    })
    const closedAt = performance.now()
    await world.settled()
    return { where: `for ${HELD_MS} ms`, recoveredMs: performance.now() - closedAt }
  } finally {
    await processor.stop()
  }
}

async function expireBarrier(world: World): Promise<Hit> {
  const { host, database, sales } = world
  await host.warehouse.command(
    `INSERT INTO ${database}.barriers (id, owner, state, at, expires_at)
     SELECT generateUUIDv4(), 'died', 1, now64(3), now64(3) + toIntervalMillisecond(${EXPIRES_MS})`,
  )
  const openedAt = performance.now()
  await whileProcessing(world, async ({ events }) => {
    await sales.play(EVENTS_BEFORE)
    await until('a batch lands', () => events.some(({ event }) => event.type === 'landed'))
    if (performance.now() - openedAt < EXPIRES_MS) throw new Error('a batch landed behind an open barrier')
    await world.settled()
  })
  return { where: `after ${EXPIRES_MS} ms`, recoveredMs: performance.now() - openedAt - EXPIRES_MS }
}
