/**
 * Each of these is a bug that somebody might write one day, in the way to the tables or in the tables. The oracle must turn red at every one
 * of them, and be green in the same set-up without it; otherwise its green means nothing.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditView } from '../../clickhouse/audit/audit-view.ts'
import { describeBucket } from '../../clickhouse/audit/compare-view.ts'
import { listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { alterInserts, losing, losingRows, rewriting, unguarded } from './alter-inserts.ts'
import { checkViews } from './check-views.ts'
import {
  decorated,
  expectGreen,
  expectRed,
  type Mutation,
  onThirdInsert,
  runMutant,
  type Verdict,
} from './run-mutant.ts'

let engine: TestEngine
let control: Verdict
let runs = 0
beforeAll(async () => {
  engine = await startTestEngine()
  control = await runMutant(engine.warehouse, 'control')
})
afterAll(() => engine.stop())

const databaseNow = () => `mutant_${runs}`

async function mustTurnRed(name: string, mutation: Mutation, sees: readonly RegExp[]): Promise<string> {
  runs += 1
  const verdict = await runMutant(engine.warehouse, databaseNow(), mutation)
  expectRed(name, verdict, sees)
  return verdict.database
}

describe('the oracle without a mutant', () => {
  it('is green', () => expectGreen('control', control))

  it('is green when decorators alter nothing', async () => {
    const idle = decorated((warehouse) =>
      losing(
        alterInserts(warehouse, (insert, send) => send(insert)),
        '0',
      ),
    )
    expectGreen(
      'control with decorators that alter nothing',
      await runMutant(engine.warehouse, 'control_2', idle),
    )
  })
})

describe('the oracle turns red when the tables lose, double or move something', () => {
  it('a −1 row is dropped', async () => {
    const row = await someRow('sign = -1 AND net != 0')
    await mustTurnRed(
      'a −1 row dropped',
      decorated((warehouse) => losing(warehouse, row)),
      [/^order_changes: .*off by/, /^headline_v1: .*off by/, /^revisions: /],
    )
  })

  it("a batch's last row is lost", async () => {
    const row = await someRow('sign = 1 AND net != 0', 'offset DESC')
    await mustTurnRed(
      "a batch's last row lost",
      decorated((warehouse) => losing(warehouse, row)),
      [/^order_changes: .*off by/, /^revisions: /, /^marks: .*rows were written/],
    )
  })

  it("a batch's mark is lost", async () => {
    const lost = onThirdInsert((insert, send) => send({ ...insert, sql: losingRows(insert.sql, 'sign = 0') }))
    await mustTurnRed("a batch's mark lost", lost, [/^order_changes: .*off by/, /^revisions: /])
  })

  it('a batch is written twice, without its guard', async () => {
    const twice = onThirdInsert(async (insert, send) => {
      await send(insert)
      const options = { ...insert.options, queryId: `${insert.options.queryId}:again` }
      await send({ ...insert, sql: unguarded(insert.sql), options })
    })
    await mustTurnRed('a batch written twice without its guard', twice, [
      /^order_changes: .*off by/,
      /^revisions: /,
      /^marks: .*the mark before ends at|^marks: .*rows were written/,
    ])
  })

  it('a view is skipped', async () => {
    const skip = onThirdInsert(async (insert, send) => {
      const view = `${databaseNow()}.headline_v1_mv`
      await engine.warehouse.command(`DETACH TABLE ${view}`)
      await send(insert).finally(() => attach(view))
    })
    // One partition, for an insert of another one would hold the detached view.
    skip.pipeline!.partitions = 1
    await mustTurnRed('a view skipped', skip, [
      /^headline_v1: .*the books say/,
      /^headline_v1: .*not what order_changes says/,
    ])
  })

  it('a mark is moved', async () => {
    const moved = onThirdInsert((insert, send) =>
      send({ ...insert, sql: rewriting(insert.sql, 'mark_last', 'if(sign = 0, mark_last + 3, mark_last)') }),
    )
    await mustTurnRed('a mark moved', moved, [
      /^pipeline: the processor halted: .*log's bytes/,
      /^marks: .*hash is not/,
    ])
  })

  it('a column is written as a float', async () => {
    const cast = 'arrayMap(x -> toDecimal64(toFloat32(x), 4), booked_amount)'
    const float = decorated((warehouse) =>
      alterInserts(warehouse, (insert, send) =>
        send({ ...insert, sql: rewriting(insert.sql, 'booked_amount', cast) }),
      ),
    )
    await mustTurnRed('booked amounts as floats', float, [/^order_changes: .*off by/, /^net: /])
  })

  it('a cent of drift is injected into a view', async () => {
    const inject = (database: string) =>
      engine.warehouse.command(`INSERT INTO ${database}.headline_v1 (tenant, day, minute, currency, booked_revenue)
        VALUES ('north', '2025-03-30', '2025-03-30 01:30:00', 'EUR', 0.01)`)
    const database = await mustTurnRed('one cent of drift', { after: inject }, [
      /^headline_v1: north\/\* EUR booked 2025-03-30 .*\(off by 0\.01\)/,
      /^headline_v1: tenant=north day=2025-03-30 minute=2025-03-30 01:30:00 currency=EUR: .*booked_revenue off by 0\.01/,
    ])
    const { views } = await listAuditedViews(engine.warehouse, database)
    const view = views.find(({ name }) => name === 'headline_v1')!
    const ports = { warehouse: engine.warehouse, database, run: 'r1', clock: systemClock, random: () => 0.5 }
    const audit = await auditView({ ...ports, view, mend: true, manner: 'eager' })
    console.log(
      `mutant, one cent of drift: the reconciler: ${describeBucket(audit.view, audit.driftedBuckets[0]!)}, mended`,
    )
    expect(audit.driftedBuckets).toEqual([
      {
        tenant: 'north',
        key: { tenant: 'north', day: '2025-03-30', minute: '2025-03-30 01:30:00', currency: 'EUR' },
        differences: { booked_revenue: '0.01' },
      },
    ])
    expect(await checkViews({ warehouse: engine.warehouse, database })).toEqual([])
  })
})

/** ClickHouse refuses while a query that began before the detaching still holds the view. */
async function attach(view: string): Promise<void> {
  await vi.waitFor(() => engine.warehouse.command(`ATTACH TABLE IF NOT EXISTS ${view}`), 5_000)
}

/** A condition that is true of one row alone, found in the control's table: the same seed gives the same rows. */
async function someRow(where: string, order = 'tenant, source, order_id, revision'): Promise<string> {
  const [row] = await engine.warehouse.query<{ order_id: string; revision: number; sign: number }>(
    `SELECT order_id, revision, sign FROM control.order_changes WHERE ${where} ORDER BY ${order} LIMIT 1`,
  )
  const id = row!.order_id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `order_id = '${id}' AND revision = ${row!.revision} AND sign = ${row!.sign}`
}
