import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { TestEngine } from '../../test/with-engine.ts'
import type { QueryOptions, Warehouse } from '../warehouse.ts'
import { auditView } from './audit-view.ts'
import { compareView } from './compare-view.ts'
import { type AuditedView, listAuditedViews } from './list-audited-views.ts'
import { mendView } from './mend-view.ts'
import { contextOf, injectRow, startSeededEngine, viewNamed } from './testing/seed-views.ts'
import { DATABASE, writeBatch } from './testing/write-batch.ts'

let db: TestEngine
let headline: AuditedView
beforeAll(async () => {
  db = await startSeededEngine()
  headline = await viewNamed(db.warehouse, 'headline_v1')
})
afterAll(() => db.stop())

const injectCent = () =>
  injectRow(db.warehouse, 'headline_v1', { tenant: "'acme'", day: "'2011-12-08'", booked_revenue: '0.01' })
const mend = (warehouse = db.warehouse) =>
  mendView({ ...contextOf(warehouse), view: headline, scope: 'all', mend: true })
const driftedNow = async () => (await compareView(db.warehouse, headline)).drifted

/** Commands that insert into the view's table go through `fault`. */
function faulty(fault: (run: () => Promise<void>, options?: QueryOptions) => Promise<void>): Warehouse {
  const command: Warehouse['command'] = (sql, options) => {
    const run = () => db.warehouse.command(sql, options)
    return sql.includes('`headline_v1` (') ? fault(run, options) : run()
  }
  return { ...db.warehouse, command }
}

test('several at once mend once', async () => {
  await injectCent()
  const ends = await Promise.allSettled([mend(), mend(), mend()])
  const results = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  expect(results.filter(({ mended }) => mended)).toHaveLength(1)
  for (const end of ends) if (end.status === 'rejected') expect(errorCode(end.reason)).toBe('BARRIER_BUSY')
  expect(await driftedNow()).toBe(0)
})

test('a repair whose answer was lost is not done again', async () => {
  await injectCent()
  let runs = 0
  const warehouse = faulty(async (run) => {
    runs++
    await run()
    throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'lost reply')
  })
  expect(await mend(warehouse)).toMatchObject({ mended: true, before: { drifted: 1 }, after: { drifted: 0 } })
  expect(runs).toBe(1)
})

test('a repair that did not land is done again', async () => {
  await injectCent()
  let runs = 0
  const warehouse = faulty(async (run) => {
    if (runs++ === 0) throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'refused')
    await run()
  })
  expect(await mend(warehouse)).toMatchObject({ mended: true })
  expect(runs).toBe(2)
})

test('a repair that arrives late, after its barrier, changes nothing', async () => {
  await injectCent()
  const late: (() => Promise<void>)[] = []
  const warehouse = faulty(async (run) => {
    late.push(run)
    throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'on its way')
  })
  await expect(mend(warehouse)).rejects.toMatchObject({ code: 'MEND_FAILED' })
  expect(await mend()).toMatchObject({ mended: true })
  for (const run of late) await expect(run()).rejects.toThrow('barrier lost')
  expect(await driftedNow()).toBe(0)
})

test('under a load of inserts nothing false is found or mended, and what is wrong is', async () => {
  const load = startLoad()
  const { views } = await listAuditedViews(db.warehouse, DATABASE)
  const audit = async (view: AuditedView, manner: 'patient' | 'eager') => {
    const found = await auditView({ ...contextOf(db.warehouse), view, mend: true, manner })
    return [view.name, found.drifted]
  }
  const clean = views.map(({ name }) => [name, 0])
  for (const manner of ['patient', 'eager'] as const) {
    const found: unknown[] = []
    for (const view of views) found.push(await audit(view, manner))
    expect(found).toEqual(clean)
  }
  await injectCent()
  expect(await audit(headline, 'patient')).toEqual(['headline_v1', 1])
  const { batches, refused } = await load.stop()
  expect(batches).toBeGreaterThan(5)
  for (const view of views) expect((await compareView(db.warehouse, view)).drifted).toBe(0)
  console.log(`${batches} batches beside 11 audits, ${refused} refused by a barrier`)
})

/** Writes batches into one minute as fast as it goes, until it is stopped. */
function startLoad() {
  const stop = new AbortController()
  const counts = { batches: 0, refused: 0 }
  const done = (async () => {
    for (let first = 9; !stop.signal.aborted; ) {
      const orders = Array.from({ length: 200 }, (_, i) => ({ id: `o${first + i}`, day: '2011-12-09' }))
      try {
        await writeBatch(db.warehouse, { first, orders })
        first += orders.length
        counts.batches++
      } catch (error) {
        if (!(error as Error).message.includes("'barrier'")) throw error
        counts.refused++
        await systemClock.sleep(20)
      }
    }
  })()
  return {
    stop: async () => {
      stop.abort()
      await done
      return counts
    },
  }
}
