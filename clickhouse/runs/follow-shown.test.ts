import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { migrate } from '../migrations/migrate.ts'
import { tableOf } from '../queries/scope.ts'
import { pointView } from '../views/view-pointers.ts'
import { followShown } from './follow-shown.ts'
import { readRuns } from './read-runs.ts'
import { FIRST_RUN, runOf } from './run.ts'
import { recordRun, showRun } from './write-runs.ts'

const SECOND = runOf(2)
let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
})
afterAll(() => db.stop())

const follow = (warehouse = db.warehouse) =>
  followShown({ warehouse, clock: systemClock, logger: silentLogger })

test('without any table there is the first run', async () => {
  expect(await readRuns(db.warehouse)).toMatchObject({ shown: FIRST_RUN, switches: 0, highest: 1 })
  const shown = await follow()
  expect(tableOf(shown, 'headline')).toBe('revwall_r1.headline_v1')
  await shown.stop()
})

test('tables follow the pointers of names and of runs, and whoever listens is told which', async () => {
  await migrate(db.warehouse, FIRST_RUN)
  await migrate(db.warehouse, SECOND)
  const shown = await follow()
  const told: string[] = []
  shown.onMove((what) => told.push(what))
  await pointView({ warehouse: db.warehouse, database: FIRST_RUN.database, name: 'products_v1' }, 'headline')
  await shown.refresh()
  expect(tableOf(shown, 'headline')).toBe('revwall_r1.products_v1')
  await recordRun(db.warehouse, SECOND, 'open', 'test')
  await showRun(db.warehouse, SECOND)
  await shown.refresh()
  expect([tableOf(shown, 'headline'), tableOf(shown, 'order_changes')]).toEqual([
    'revwall_r2.headline_v1',
    'revwall_r2.order_changes',
  ])
  await showRun(db.warehouse, FIRST_RUN)
  await shown.refresh()
  expect(tableOf(shown, 'headline')).toBe('revwall_r1.products_v1')
  await shown.refresh()
  expect(told).toEqual(['table', 'run', 'run'])
  await shown.stop()
  expect(tableOf(shown, 'headline')).toBe(`${shown.database}.headline_v1`)
})

test('of two switches at once none is lost, and a run that was dropped keeps its number', async () => {
  const both = await Promise.allSettled([showRun(db.warehouse, SECOND), showRun(db.warehouse, SECOND)])
  expect(both.some(({ status }) => status === 'fulfilled')).toBe(true)
  const { switches } = await readRuns(db.warehouse)
  const rows = await db.warehouse.query<{ seqs: number[] }>(
    'SELECT arraySort(groupArray(seq)) AS seqs FROM revwall.shown_runs',
  )
  expect(rows[0]!.seqs).toEqual(Array.from({ length: switches }, (_, i) => i + 1))
  await recordRun(db.warehouse, SECOND, 'dropped', 'test')
  const { open, highest } = await readRuns(db.warehouse)
  expect([open.map(({ run }) => run), highest]).toEqual([['r1'], 2])
})

test('before the first answer every query says that ClickHouse is away', async () => {
  const nowhere = connectWarehouse({ url: 'http://127.0.0.1:1', user: 'x', password: '' })
  const shown = await follow(nowhere)
  expect(() => tableOf(shown, 'headline')).toThrow('which run is shown')
  await shown.stop()
  await nowhere.close()
})
