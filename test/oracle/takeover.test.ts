/**
 * A partition that another processor had: its batches are computed at once, while what it has is still read in one pass.
 * With REVWALL_TEST_ALL=1 how long that takes with 300,000 orders is printed, too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { orderEvent } from '../../core/contracts/order.ts'
import type { NewRecord } from '../../core/log/event-log.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { checkInvariants } from './check-invariants.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { NORTH } from './shops.ts'

const ALL = process.env.REVWALL_TEST_ALL === '1'
const FEW = 20_000
const MANY = 300_000
const EDITED = 500
const NEW = 500
const APPEND = 10_000

describe('a partition that moves', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine?.stop())

  it('lands its first batch before the orders that it has are known', async () => {
    const { passes } = await takeOver(engine, FEW, true)
    expect(passes).toBeGreaterThan(0)
  })

  it.runIf(ALL)(`lands its first batch early with ${MANY} orders`, async () => {
    const { firstMs, readMs } = await takeOver(engine, MANY, false)
    console.log(
      `takeover of ${MANY} orders: the first batch landed after ${firstMs.toFixed()} ms, all were read after ${readMs.toFixed()} ms`,
    )
  })
})

/** `holds`: nothing of the pass comes before the first batch has landed. */
async function takeOver(engine: TestEngine, orders: number, holds: boolean) {
  const database = `takeover_${orders}`
  const watch = watchTakeover(holds)
  const pipeline = await openPipeline({
    ...{ warehouse: engine.warehouse, database, tenants: [NORTH], partitions: 1, maxRecords: 50_000 },
    ...{ decorate: watch.decorate, onStep: watch.onStep },
  })
  try {
    await append(pipeline, orders, (n) => record(n, 1))
    expect(await pipeline.settle()).toEqual([])
    // From all over the table; each is met again when other batches have landed.
    const every = Math.floor(orders / EDITED)
    await append(pipeline, EDITED, (n) => record(n * every, 2))
    await append(pipeline, NEW, (n) => record(orders + n, 1))
    await append(pipeline, EDITED, (n) => record(n * every, 3))
    watch.begin()
    expect(await pipeline.settle()).toEqual([])
    expect(await checkInvariants({ warehouse: engine.warehouse, database })).toEqual([])
    const [found] = await engine.warehouse.query(
      `SELECT toString(countIf(revision = 1)) AS orders, toString(countIf(revision = 2)) AS edited,
         toString(countIf(revision = 3)) AS twice
       FROM ${database}.order_changes WHERE sign = 1`,
    )
    const edited = String(EDITED)
    expect(found).toEqual({ orders: String(orders + NEW), edited, twice: edited })
    return await watch.told()
  } finally {
    await pipeline.dispose()
  }
}

function watchTakeover(holds: boolean) {
  let startedAt: number | undefined
  let [passes, readMs] = [0, 0]
  let hasLanded = (_ms: number) => {}
  const landed = new Promise<number>((resolve) => {
    hasLanded = resolve
  })
  const sinceStart = () => performance.now() - startedAt!
  const decorate = (warehouse: Warehouse): Warehouse => ({
    ...warehouse,
    async *stream(sql, options) {
      if (startedAt === undefined || !isPass(sql)) return yield* warehouse.stream(sql, options)
      passes += 1
      if (holds) await landed
      yield* warehouse.stream(sql, options)
      readMs = sinceStart()
    },
  })
  return {
    decorate,
    onStep: (step: string, phase: string) => {
      if (startedAt !== undefined && step === 'apply' && phase === 'after') hasLanded(sinceStart())
    },
    begin: () => {
      startedAt = performance.now()
    },
    told: async () => ({ firstMs: await landed, passes, readMs }),
  }
}

const isPass = (sql: string) => sql.includes('sign = 1 AND revision = 1')

async function append(pipeline: Pipeline, count: number, make: (n: number) => NewRecord): Promise<void> {
  for (let from = 0; from < count; from += APPEND) {
    const some = Array.from({ length: Math.min(APPEND, count - from) }, (_, i) => make(from + i))
    await pipeline.log.append('orders', some)
  }
}

function record(n: number, version: number): NewRecord {
  const orderId = `o-${String((n * 7919) % 1_000_003).padStart(7, '0')}`
  const at = `2025-0${version}-01T10:00:00Z`
  const event = orderEvent.parse({
    ...{ type: 'order', schemaVersion: 1, tenant: NORTH.id, source: 'shop', orderId, version },
    ...{ changedAt: at, placedAt: '2025-01-01T10:00:00Z', status: 'completed', currency: 'EUR', lines: [] },
    total: `${version}.00`,
  })
  return { ...encodeOrdersEvent(event), partition: 0, key: `${NORTH.id}/shop/${orderId}` }
}
