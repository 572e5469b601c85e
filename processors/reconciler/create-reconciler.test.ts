import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  contextOf,
  hidingOnce,
  injectRow,
  startSeededEngine,
} from '../../clickhouse/audit/testing/seed-views.ts'
import { DATABASE, writeBatch } from '../../clickhouse/audit/testing/write-batch.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { createLogger } from '../../core/runtime/logger.ts'
import type { TestEngine } from '../../test/with-engine.ts'
import { createReconciler, type ReconcilerOptions } from './create-reconciler.ts'
import { needsFullAudit, readServerStart, recordCleanStop, wasCleanlyStopped } from './server-lives.ts'

let db: TestEngine
/** Rests are short, whatever a round took on a busy machine. */
const clock = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 100), signal),
}
const lines: string[] = []
beforeAll(async () => {
  db = await startSeededEngine()
})
afterAll(() => db.stop())

function reconcilerOf(options: Partial<ReconcilerOptions> = {}) {
  const registry = new Registry()
  const logger = createLogger({ level: 'info', json: false, write: (line) => lines.push(line) })
  const reconciler = createReconciler({
    ...contextOf(db.warehouse),
    logger,
    registry,
    intervalMs: 50,
    clock,
    ...options,
  })
  return { reconciler, registry }
}

const injectCent = (view = 'headline_v1', day = '2011-12-08') =>
  injectRow(db.warehouse, view, { tenant: "'acme'", day: `'${day}'`, booked_revenue: '0.01' })

async function metric(registry: Registry, name: string, view = 'headline_v1') {
  const { values } = (await registry.getSingleMetric(`revwall_reconciliation_${name}`)!.get()) as {
    values: { labels: { view?: string; tenant?: string }; value: number }[]
  }
  return values.find(({ labels }) => labels.view === view && labels.tenant !== 'other')?.value
}
const drift = (registry: Registry) => metric(registry, 'drift_minor_units')

test('shows a cent of drift as one minor unit, and none when it was mended', async () => {
  const { reconciler, registry } = reconcilerOf()
  await injectCent()
  expect(await reconciler.auditAll({ mend: false })).toMatchObject({ complete: true })
  expect(await drift(registry)).toBe(1)
  await reconciler.auditAll({ mend: true })
  expect(await metric(registry, 'mended_buckets_total')).toBe(1)
  expect(await drift(registry)).toBe(0)
  expect(await metric(registry, 'drifted_buckets_total')).toBe(2)
  await reconciler.stop()
  const rows = await db.warehouse.query(
    `SELECT tenant, buckets > 0 AS some, drifted, drift, mended, example FROM ${DATABASE}.reconciliations
     WHERE view = 'headline_v1' AND drifted > 0 ORDER BY at`,
  )
  const found = {
    tenant: 'acme',
    some: 1,
    drifted: '1',
    drift: '0.01',
    mended: 0,
    example: expect.any(String),
  }
  expect(rows).toEqual([found, { ...found, mended: 1 }])
  expect((rows[0] as typeof found).example).toMatch(
    /^headline_v1 tenant=acme day=2011-12-08 .* booked_revenue \+0.01$/,
  )
})

test('the background finds drift in new and in old days, mends it and shows it gone', async () => {
  const { reconciler, registry } = reconcilerOf({ random: () => 0 })
  await reconciler.start()
  expect(reconciler.verifying()).toBe(false)
  for (const [count, day] of ['2011-12-09', '2011-12-07'].entries()) {
    await injectCent('products_v1', day)
    await expect
      .poll(() => metric(registry, 'mended_buckets_total', 'products_v1'), { timeout: 45_000 })
      .toBe(count + 1)
  }
  await reconciler.stop()
  expect(await metric(registry, 'drift_minor_units', 'products_v1')).toBe(0)
})

test('audits the buckets of the days that it is told, those of views by instant too', async () => {
  const { reconciler } = reconcilerOf()
  await injectCent('headline_v1', '2011-12-07')
  await injectCent('quarter_hours_v1', '2011-12-09')
  await injectRow(db.warehouse, 'latest_orders_v1', {
    tenant: "'acme'",
    at: "'2011-12-08 23:30:00'",
    amount: '1',
  })
  const drifted = async (days: string[]) =>
    (await reconciler.auditDays(days)).filter((audit) => audit.mended).map(({ view }) => view)
  const [first, second] = await Promise.all([drifted(['2011-12-09']), drifted(['2011-12-09'])])
  expect(first).toEqual(['latest_orders_v1', 'quarter_hours_v1'])
  expect(second).toEqual(first)
  expect(await drifted(['2011-12-07'])).toEqual(['headline_v1'])
})

test('a full audit looks again at the days of what was written meanwhile', async () => {
  const row = { tenant: "'acme'", day: "'2011-12-08'" }
  const orders = [{ id: 'late', day: '2011-12-08' }]
  const warehouse = hidingOnce(db.warehouse, row, () =>
    writeBatch(db.warehouse, { partition: 1, first: 1, orders }),
  )
  const { reconciler } = reconcilerOf({ warehouse })
  await injectRow(db.warehouse, 'headline_v1', { ...row, booked_revenue: '-7' })
  const { complete, audits } = await reconciler.auditAll({ mend: true })
  await reconciler.stop()
  expect(complete).toBe(true)
  const found = audits.filter(({ view, drifted }) => view === 'headline_v1' && drifted > 0)
  expect(found).toMatchObject([{ drifted: 1, mended: true }])
  expect(JSON.stringify(found[0]!.scope)).toBe('[{"from":"2011-12-08","to":"2011-12-08"}]')
})

test('two reconcilers at once mend once', async () => {
  await injectCent()
  const two = [reconcilerOf().reconciler, reconcilerOf().reconciler]
  const reports = await Promise.all(two.map((one) => one.auditAll({ mend: true })))
  const mended = reports.flatMap(({ audits }) => audits).filter((audit) => audit.mended)
  expect(mended).toHaveLength(1)
  const report = await two[0]!.auditAll({ mend: false })
  expect(report.audits.every(({ drifted }) => drifted === 0)).toBe(true)
})

test('after a kill of the server it waits, logs once, and audits everything', async () => {
  const before = await readServerStart(db.warehouse)
  await writeBatch(db.warehouse, { first: 9, orders: [{ id: 'x' }], serverStart: before })
  const { reconciler, registry } = reconcilerOf()
  await reconciler.start()
  expect(reconciler.verifying()).toBe(false)
  const check = { currentServerStart: before, lastMarkServerStart: before }
  expect(await needsFullAudit(db.warehouse, DATABASE, check)).toBe(false)

  lines.length = 0
  const up = new Promise((resolve) => db.engine.on('up', resolve))
  // Lives are told apart by the second.
  await systemClock.sleep(2_000)
  await injectCent()
  db.engine.kill()
  await up
  const after = { ...check, currentServerStart: await readServerStart(db.warehouse) }
  expect(await needsFullAudit(db.warehouse, DATABASE, after)).toBe(true)
  await reconciler.checkServer()
  expect(reconciler.verifying()).toBe(true)
  await expect.poll(() => reconciler.verifying(), { timeout: 75_000 }).toBe(false)
  expect(reconciler.progress().done).toBe(reconciler.progress().total)
  await expect.poll(() => needsFullAudit(db.warehouse, DATABASE, after)).toBe(false)
  expect(await drift(registry)).toBe(0)
  await reconciler.stop()
  expect(lines.filter((line) => line.includes('waits and tries again')).length).toBeLessThanOrEqual(2)
  expect(lines.filter((line) => line.includes('did not stop cleanly'))).toHaveLength(1)
})

test('a clean stop vouches for a life until it is used again', async () => {
  const start = await readServerStart(db.warehouse)
  const later = { currentServerStart: start + 1_000, lastMarkServerStart: start }
  const { reconciler } = reconcilerOf()
  await reconciler.start()
  await reconciler.stop()
  expect(await needsFullAudit(db.warehouse, DATABASE, later)).toBe(true)
  await recordCleanStop(db.warehouse, DATABASE)
  expect(await wasCleanlyStopped(db.warehouse, DATABASE, start)).toBe(true)
  expect(await needsFullAudit(db.warehouse, DATABASE, later)).toBe(false)
  const again = reconcilerOf().reconciler
  await again.start()
  await again.stop()
  expect(await needsFullAudit(db.warehouse, DATABASE, later)).toBe(true)
})
