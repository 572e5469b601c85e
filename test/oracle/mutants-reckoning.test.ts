/**
 * Each of these is a bug that somebody might write one day, in the processor's reckoning. The oracle must turn red at every one
 * of them, and be green in the same set-up without it; otherwise its green means nothing.
 */
import { afterAll, beforeAll, beforeEach, describe, it, vi } from 'vitest'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { alterParams } from './alter-inserts.ts'
import { inlinePool } from './inline-pool.ts'
import { expectGreen, expectRed, type Mutation, runMutant, SOURCE } from './run-mutant.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH } from './shops.ts'

type FoldOrder = typeof import('../../processors/orders/fold-order.ts')['foldOrder']
type FoldSnapshot = typeof import('../../processors/orders/fold-order.ts')['foldSnapshot']
type ToE4 = typeof import('../../core/contracts/money.ts')['toE4']

/** Set while a mutated pipeline runs, never while the oracle judges it. */
const inPlaceOf = vi.hoisted(() => ({
  foldOrder: undefined as ((fold: FoldOrder) => FoldOrder) | undefined,
  foldSnapshot: undefined as ((fold: FoldSnapshot) => FoldSnapshot) | undefined,
  toE4: undefined as ToE4 | undefined,
}))

vi.mock('../../processors/orders/fold-order.ts', async (original) => {
  const actual = await original<{ foldOrder: FoldOrder; foldSnapshot: FoldSnapshot }>()
  const foldOrder: FoldOrder = (...args) =>
    (inPlaceOf.foldOrder?.(actual.foldOrder) ?? actual.foldOrder)(...args)
  const foldSnapshot: FoldSnapshot = (...args) =>
    (inPlaceOf.foldSnapshot?.(actual.foldSnapshot) ?? actual.foldSnapshot)(...args)
  return { foldOrder, foldSnapshot }
})
vi.mock('../../core/contracts/money.ts', async (original) => {
  const actual = await original<{ toE4: ToE4 }>()
  return { ...actual, toE4: (text: string) => (inPlaceOf.toE4 ?? actual.toE4)(text) }
})

let engine: TestEngine
let runs = 0
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.stop())
beforeEach(reckonRight)

function reckonRight(): void {
  Object.assign(inPlaceOf, { foldOrder: undefined, foldSnapshot: undefined, toE4: undefined })
}

/** The oracle itself reckons right, whatever the pipeline did. */
async function mustTurnRed(name: string, mutation: Mutation, sees: readonly RegExp[]): Promise<void> {
  runs += 1
  expectRed(
    name,
    await runMutant(engine.warehouse, `mutant_${runs}`, {
      ...mutation,
      pipeline: { ...mutation.pipeline, pool: inlinePool() },
      after: reckonRight,
    }),
    sees,
  )
}

describe('the oracle without a mutant', () => {
  it('is green', async () => {
    expectGreen(
      'control of the reckoning',
      await runMutant(engine.warehouse, 'control', { pipeline: { pool: inlinePool() } }),
    )
  })

  it('is green with a new processor for every batch', async () => {
    const verdict = await runMutant(engine.warehouse, 'control_2', { forgetting: true })
    expectGreen('control with a new processor for every batch', verdict)
  })
})

describe('the oracle turns red when the processor reckons wrong', () => {
  it('money is a float', async () => {
    // What everybody writes first: 1.15 becomes 11499 ten-thousandths.
    inPlaceOf.toE4 = (text) => Math.trunc(Number.parseFloat(text) * 10_000)
    await mustTurnRed('money as a float', {}, [/^order_changes: .*off by/, /^state: /])
  })

  it('a refund is ignored', async () => {
    const ignored = someLoneRefund()
    inPlaceOf.foldOrder = (fold) => (before, fact, zone) => {
      const isIt = fact.type === 'order.refund' && fact.refund.id + fact.orderId === ignored
      return isIt ? { row: undefined, reread: false } : fold(before, fact, zone)
    }
    await mustTurnRed('one refund ignored', {}, [
      /^order_changes: .*booked/,
      /^order_changes: .*sale/,
      /^state: /,
    ])
  })

  it('an old snapshot wins', async () => {
    inPlaceOf.foldOrder = (fold) => (before, fact, zone) => {
      const isOld = fact.type === 'order' && before !== undefined && fact.version < before.version
      return fold(before, isOld ? { ...fact, version: before.version + 1 } : fact, zone)
    }
    inPlaceOf.foldSnapshot = (fold) => (before, snapshot, zone) => {
      const isOld = before !== undefined && snapshot.version < before.version
      return fold(before, isOld ? { ...snapshot, version: before.version + 1 } : snapshot, zone)
    }
    await mustTurnRed('old snapshots win', {}, [/^order_changes: .*off by/, /^state: .*version/])
  })

  it('days are cut in the wrong zone', async () => {
    const believedTenants = [{ ...NORTH, timeZone: 'UTC' }]
    await mustTurnRed('days cut in the wrong zone', { pipeline: { believedTenants } }, [
      /^order_changes: .* booked /,
      /^order_changes: .* sale /,
      /^state: .*bookedDay/,
    ])
  })

  it('the state is used at another m', async () => {
    // The state of a few records ago: what the batch in between did to an order is forgotten.
    const older = (params: Record<string, unknown>) => ({ ...params, mark: Number(params.mark) - 20 })
    const decorate = (warehouse: Warehouse) =>
      alterParams(warehouse, /LIMIT 1 BY tenant, source, order_id/, older)
    await mustTurnRed('the state at another m', { pipeline: { decorate }, forgetting: true }, [
      /^order_changes: .*off by/,
      /^revisions: /,
    ])
  })
})

/** The id of a refund that came alone to an order that counts in the end, so that both axes need it. */
function someLoneRefund(): string {
  const { lives } = new SeededSource(SOURCE)
  const life = [...lives.values()].find(
    ({ book, refunds, now }) => book.counts && refunds.length > now.refunds.length,
  )
  const inside = new Set(life!.now.refunds.map(({ id }) => id))
  return life!.refunds.find(({ id }) => !inside.has(id))!.id + life!.orderId
}
