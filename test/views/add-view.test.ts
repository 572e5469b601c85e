/** A view is added, and another one changed, while orders come in, and the process that does it is killed again and again. */
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addView, type FillStep } from '../../clickhouse/views/add-view.ts'
import { dropView } from '../../clickhouse/views/drop-view.ts'
import { readPointer } from '../../clickhouse/views/view-pointers.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { createReconciler, type Reconciler } from '../../processors/reconciler/create-reconciler.ts'
import { type EngineHost, startEngineHost } from '../faults/engine-host.ts'
import { startProcessor, type TestProcessor } from '../faults/processors.ts'
import { seededRandom } from '../faults/random.ts'
import { openWorld, type World } from '../faults/world.ts'
import type { AddViewPlan } from './add-view-process.ts'
import { type ChangedView, headlineV2, quarterHoursV2 } from './changed-views.ts'
import { type Selling, sellOn } from './sell-on.ts'
import { addInChild } from './start-add-view.ts'

const ORDERS = 1_200
const OLD_RECORDS = 1_500
const RECORDS_PER_SECOND = 400
/** In the middle of an insert, and between a chunk's move and its row. */
const KILLS: AddViewPlan['kill'][] = [
  { step: 'staging', nth: 2, afterMs: 3 },
  { step: 'moving', nth: 1 },
]
/** The process lives on here, which takes less time: the next attempt knows nothing of this one. */
const CUTS: FillStep[] = ['staged', 'moved', 'proved', 'pointed']

let host: EngineHost
let world: World
let processor: TestProcessor
let reconciler: Reconciler
let selling: Selling
beforeAll(async () => {
  host = await startEngineHost()
  world = await openWorld(host)
  world.sales.begin(seededRandom(61), { orders: ORDERS, shuffleWindow: 30 })
  const limits = { maxRecords: 500, minIntervalMs: 50 }
  processor = await startProcessor(world, { limits })
  // As eager as it can be: it must leave alone what is being filled.
  reconciler = createReconciler({
    ...context(),
    logger: silentLogger,
    registry: new Registry(),
    intervalMs: 100,
  })
  await reconciler.start()
  await world.sales.source.appendTo(world.log, world.sales.source.nextEvents(OLD_RECORDS))
  await world.caughtUp()
  selling = sellOn(world, RECORDS_PER_SECOND)
})
afterAll(async () => {
  await selling.stop()
  await reconciler.stop()
  await processor.stop()
  await world.close()
  await host.stop()
})

const context = () => ({
  ...{ warehouse: host.warehouse, database: world.database, run: world.context().run },
  ...{ clock: systemClock, random: Math.random },
})

describe('under load', () => {
  it('a view gets a column; batches wait for a short barrier only', async () => {
    const view = headlineV2(world.database)
    const told = selling.told()
    const added = await addView({ ...context(), ...view, chunkRows: 400 })
    console.log(
      `the barrier held for ${added.barrierMs} ms; ${selling.told() - told} records came in meanwhile`,
    )
    expect(added).toMatchObject({ added: true, continued: false, drifted: 0 })
    // The aim is one second, which busy cores miss; longer than this is no short barrier any more.
    expect(added.barrierMs).toBeLessThan(4_000)
    expect(await addView({ ...context(), ...view })).toMatchObject({ added: false })
    expect(await readPointer(context(), 'headline')).toBe('headline_v2')
    await expectSame(view)
  })

  it('another one gets a key, killed at every step of its filling', async () => {
    const view = quarterHoursV2(world.database)
    const killed: string[] = []
    for (const kill of KILLS) if ((await addInChild(world, view, kill)) === 'SIGKILL') killed.push(kill!.step)
    for (const cut of CUTS) {
      const onStep = (step: FillStep) => {
        if (step === cut) throw new Error('cut')
      }
      await expect(addView({ ...context(), ...view, chunkRows: 400, onStep })).rejects.toThrow('cut')
      killed.push(cut)
    }
    const added = await addView({ ...context(), ...view })
    console.log(
      `killed at ${killed.join(', ')}; then ${JSON.stringify(added)}; ${selling.told()} records so far`,
    )
    expect(killed).toHaveLength(KILLS.length + CUTS.length)
    expect(added).toMatchObject({ added: true, continued: true, drifted: 0 })
    await expectSame(view)
  })

  it('one is born anew when its birth was killed, as soon as that barrier has ended', async () => {
    const view = JSON.parse(
      JSON.stringify(headlineV2(world.database)).replaceAll('headline_v2', 'headline_v3'),
    ) as ChangedView
    expect(await addInChild(world, view, { step: 'born', nth: 1 })).toBe('SIGKILL')
    const added = await addView({ ...context(), ...view })
    console.log(`born anew: ${JSON.stringify(added)}`)
    expect(added).toMatchObject({ added: true, continued: false, drifted: 0 })
    await expectSame(view)
  })

  it('leaves everything equal to the cent, and the processors never halted', async () => {
    await selling.stop()
    const told = selling.told()
    await world.settled()
    const { audits } = await reconciler.auditAll({ mend: false })
    const apart = audits.filter(({ drifted }) => drifted > 0).map(({ view }) => view)
    const differences = await world.differences()
    console.log(
      `${told} records under load; views apart: ${apart.length}; differences: ${differences.length}`,
    )
    expect(apart).toEqual([])
    expect(differences).toEqual([])
    expect(processor.halts).toEqual([])
    expect(processor.health().state).not.toBe('halted')
  })
})

describe('when it is quiet', () => {
  it('a filling that takes rows twice is found by the proof', async () => {
    const view = quarterHoursV2(world.database)
    const twice = JSON.parse(
      JSON.stringify(view).replaceAll('quarter_hours_v2', 'quarter_hours_v9'),
    ) as ChangedView
    const added = await addView({
      ...{ ...context(), ...twice, logical: undefined },
      onStep: async (step) => {
        if (step !== 'proved' && step !== 'moved') return
        const table = `${world.database}.quarter_hours_v9`
        if (step === 'moved')
          await host.warehouse.command(`INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1`)
      },
    })
    expect(added.drifted).toBe(1)
  })

  it('a filling begins anew after the server was killed in its middle', async () => {
    const text = JSON.stringify(headlineV2(world.database)).replaceAll('headline_v2', 'headline_v7')
    const view = { ...(JSON.parse(text) as ChangedView), logical: undefined }
    const onStep = (step: FillStep) => (step === 'staged' ? host.kill() : undefined)
    await expect(addView({ ...context(), ...view, onStep })).rejects.toMatchObject({
      code: 'CLICKHOUSE_UNREACHABLE',
    })
    await host.settle()
    const added = await addView({ ...context(), ...view })
    expect(added).toMatchObject({ added: true, continued: false, drifted: 0 })
  })

  it('an old view is dropped when no name points to it any more', async () => {
    await expect(dropView({ ...context(), name: 'headline_v3' })).rejects.toMatchObject({
      code: 'VIEW_IN_USE',
    })
    await expect(dropView({ ...context(), name: 'headline_v2', graceMs: 600_000 })).rejects.toMatchObject({
      code: 'VIEW_IN_GRACE',
    })
    await dropView({ ...context(), name: 'headline_v2', graceMs: 0 })
    expect(await host.warehouse.query(`EXISTS TABLE ${world.database}.headline_v2`)).toEqual([{ result: 0 }])
  })

  it('a table that is as old as the run is not emptied for a view of its name', async () => {
    const view = { ...headlineV2(world.database), name: 'products_v1' }
    await expect(addView({ ...context(), ...view })).rejects.toMatchObject({ code: 'VIEW_EXISTS' })
  })
})

/** Batches follow each other without a pause while there is a backlog. */
const SAME_WITHIN_MS = 60_000

/**
 * Read behind nothing, in one query each: equal as soon as no batch is between the two. What sums to nothing is left out: a
 * merge drops it from one table while the other's new column keeps it.
 */
async function expectSame({ name, before, keys, sums }: ChangedView): Promise<void> {
  const side = (table: string) =>
    `SELECT * FROM (
       SELECT ${keys.join(', ')}, ${sums.map((sum) => `sum(${sum}) AS ${sum}`).join(', ')}
       FROM ${world.database}.${table} GROUP BY ${keys.join(', ')}
     ) WHERE ${sums.map((sum) => `${sum} != 0`).join(' OR ')}`
  const deadline = systemClock.now() + SAME_WITHIN_MS
  let rows: unknown[] = []
  while (systemClock.now() < deadline) {
    rows = await host.warehouse.query(
      `SELECT * FROM (${side(name)}) AS a EXCEPT SELECT * FROM (${side(before)}) AS b`,
    )
    if (rows.length === 0) return
    await systemClock.sleep(100)
  }
  throw new Error(`${name} and ${before} stay apart: ${JSON.stringify(rows.slice(0, 5))}`)
}
