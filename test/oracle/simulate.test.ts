/**
 * The simulated shop's own ledger against the whole pipeline: what `revwall simulate` says that it sold is what stands in
 * order_changes and in the views, by day on both axes and by status, to the cent.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { type NewRecord, partitionOf } from '../../core/log/event-log.ts'
import { createLocalCalendar, dayText } from '../../ingest/sources/simulate/local-calendar.ts'
import {
  createSimulation,
  type SimulatedRecord,
  type Simulation,
} from '../../ingest/sources/simulate/simulation.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { diffLedgers } from './diff-ledgers.ts'
import { Ledger } from './ledger.ts'
import { dayIn } from './local-days.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { readBaseLedger } from './read-base.ts'
import { VIEW_READERS } from './read-views.ts'
import { sumText } from './sum-text.ts'

const SHOP: TenantConfig = { id: 'shop', name: 'Shop', timeZone: 'America/New_York', currency: 'USD' }
const ORDERS = 5_000
const DATABASE = 'oracle_simulate'
/** Both clock changes and a year's turn lie in between. */
const BEGIN_MS = Date.UTC(2024, 9, 1)
const UNTIL_MS = Date.UTC(2025, 5, 1)

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(async () => {
  await engine.stop()
})

it('agrees with order_changes and the views after edits, refunds, late and doubled events', async () => {
  const simulation = createSimulation({
    tenant: SHOP.id,
    source: 'simulate',
    currency: SHOP.currency,
    timeZone: SHOP.timeZone,
    seed: 42,
    beginMs: BEGIN_MS,
    ordersPerYear: ORDERS * 2,
    customersPerYear: 1_500,
    productsPerYear: 300,
    updateShare: 0.3,
    refundShare: 0.15,
    cancelShare: 0.1,
    lateShare: 0.1,
    duplicateShare: 0.2,
    maxOrders: ORDERS,
  })
  const pipeline = await openPipeline({
    warehouse: engine.warehouse,
    database: DATABASE,
    tenants: [SHOP],
    maxRecords: 1_000,
  })
  try {
    const types = await appendAll(pipeline, simulation)
    expect(await pipeline.settle()).toEqual([])
    const scope = { warehouse: engine.warehouse, database: DATABASE }
    const told = ledgerOf(simulation)
    const headline = VIEW_READERS.find(({ view }) => view === 'headline_v1')!
    const differences = [
      ...diffLedgers('order_changes', await readBaseLedger(scope), told),
      ...diffLedgers('headline_v1', await headline.read(scope, [SHOP]), told.without('source', 'status')),
      ...(await diffColumns(simulation)),
    ]
    console.log(
      `simulate: ${simulation.orders} orders, ${JSON.stringify(types)}, ${told.size} buckets: ${differences.length} differences`,
    )
    expect(differences).toEqual([])
    expect(simulation.orders).toBe(ORDERS)
    for (const type of ['order.refund', 'order.payment', 'order.cancellation'])
      expect(types[type]).toBeGreaterThan(20)
  } finally {
    await pipeline.dispose()
  }
})

it('cuts its days as Intl does, clock changes included', () => {
  for (const zone of [
    'Europe/London',
    'America/New_York',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ]) {
    const calendar = createLocalCalendar(zone)
    for (let ms = BEGIN_MS; ms < UNTIL_MS; ms += 17 * 60_000 + 1)
      if (dayText(calendar.dayOf(ms)) !== dayIn(zone, ms))
        expect.fail(`${zone} ${new Date(ms).toISOString()}`)
  }
})

/** In several appends, so that orders are met again in other batches. */
async function appendAll({ log }: Pipeline, simulation: Simulation): Promise<Record<string, number>> {
  const types: Record<string, number> = {}
  const partitions = log.partitions('orders')
  let waiting: NewRecord[] = []
  for (let record = simulation.next(UNTIL_MS); record !== undefined; record = simulation.next(UNTIL_MS)) {
    types[record.event.type] = (types[record.event.type] ?? 0) + 1
    if (record.topic === 'orders') waiting.push(newRecord(record, partitions))
    if (waiting.length < 700) continue
    await log.append('orders', waiting)
    waiting = []
  }
  await log.append('orders', waiting)
  return types
}

function newRecord({ key, event }: SimulatedRecord, partitions: number): NewRecord {
  const encoded = encodeOrdersEvent(event as Parameters<typeof encodeOrdersEvent>[0])
  return { partition: partitionOf(key, partitions), key, ...encoded }
}

function ledgerOf(simulation: Simulation): Ledger {
  const ledger = new Ledger()
  for (const { axis, day, status, revenueE4, orders } of simulation.ledger.entries()) {
    const key = { tenant: SHOP.id, source: 'simulate', currency: SHOP.currency, axis, day, status }
    ledger.add(key, { amountE4: revenueE4, orders })
  }
  return ledger
}

/** Refunds and units, which the oracle's ledger does not have. */
async function diffColumns(simulation: Simulation): Promise<string[]> {
  const [found] = await engine.warehouse.query<Record<string, string>>(
    `SELECT sum(booked_refunds) AS booked_refunds, sum(booked_units) AS booked_units, sum(sale_refunds) AS sale_refunds,
       sum(sale_units) AS sale_units FROM ${DATABASE}.headline_v1`,
  )
  return (['booked', 'sale'] as const).flatMap((axis) => {
    const { refundsE4, unitsE4 } = simulation.ledger.total(axis)
    const same =
      sumText(found![`${axis}_refunds`]!) === refundsE4 && sumText(found![`${axis}_units`]!) === unitsE4
    return same
      ? []
      : [`headline_v1: ${axis}: ${JSON.stringify(found)}, but the books say ${refundsE4}, ${unitsE4}`]
  })
}
