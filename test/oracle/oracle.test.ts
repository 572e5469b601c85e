import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromE4 } from '../../core/contracts/money.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { openPipeline, type PipelineOptions } from './pipeline.ts'
import { VIEW_READERS } from './read-views.ts'
import { judge, runSources } from './run-sources.ts'
import { SeededSource, type SeededSourceOptions } from './seeded-source.ts'
import { NORTH, NORTH_SHOP, SOUTH, SOUTH_SHOP } from './shops.ts'

let engine: TestEngine
let runs = 0
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(async () => {
  await engine.stop()
})

interface Scenario {
  sources: SeededSourceOptions[]
  pipeline?: Partial<PipelineOptions>
  forgetting?: boolean
}

/** Runs it to the end and resolves with what the oracle says; prints what was compared. */
async function play(name: string, scenario: Scenario): Promise<string[]> {
  const database = `oracle_${++runs}`
  const options = { warehouse: engine.warehouse, database, tenants: [NORTH, SOUTH], ...scenario.pipeline }
  const sources = scenario.sources.map((source) => new SeededSource(source))
  const pipeline = await openPipeline(options)
  try {
    const settle = scenario.forgetting ? pipeline.settleForgetting : pipeline.settle
    const { faults, records, rereads } = await runSources(pipeline, sources, settle)
    const said = [...faults, ...(await judge(pipeline, sources, options))]
    for (const [index, source] of sources.entries()) {
      const ledger = source.books().ledger()
      const { amountE4, orders } = ledger.total()
      console.log(
        `oracle, ${name}: ${source.shop.tenant} seed ${scenario.sources[index]!.seed}: ${source.lives.size} orders, ${records} records ` +
          `in ${pipeline.batches()} batches, ${rereads} re-reads, ${source.expectedDeadLetters.length} dead letters, ` +
          `${ledger.size} buckets, ${orders} orders count for ${fromE4(amountE4)} of all currencies: ` +
          `${said.length === 0 ? `equal in books, log, order_changes and ${VIEW_READERS.length} views` : `${said.length} differences`}`,
      )
    }
    return said
  } finally {
    await pipeline.dispose()
  }
}

describe('the oracle over a seeded source', () => {
  it.each([1, 2])('agrees with what was sold, seed %i', async (seed) => {
    expect(await play('in order', { sources: [{ seed, shop: NORTH_SHOP, orders: 60 }] })).toEqual([])
  })

  it('agrees when events come shuffled', async () => {
    const sources = [{ seed: 3, shop: NORTH_SHOP, orders: 60, shuffleWindow: 200 }]
    expect(await play('shuffled', { sources })).toEqual([])
  })

  it('agrees when every event comes twice', async () => {
    const sources = [{ seed: 4, shop: NORTH_SHOP, orders: 60, duplicates: 'all' as const, shuffleWindow: 20 }]
    expect(await play('every event twice', { sources })).toEqual([])
  })

  it('agrees when the state is dropped after every batch', async () => {
    const sources = [{ seed: 5, shop: NORTH_SHOP, orders: 40, shuffleWindow: 50 }]
    expect(await play('state dropped', { sources, forgetting: true })).toEqual([])
  })

  it('agrees when batches hold a handful of records', async () => {
    const sources = [{ seed: 6, shop: SOUTH_SHOP, orders: 25, shuffleWindow: 9 }]
    expect(await play('batches of 7', { sources, pipeline: { maxRecords: 7 } })).toEqual([])
  })

  it('agrees for two tenants across the clock changes of two hemispheres', async () => {
    const sources = [
      { seed: 7, shop: NORTH_SHOP, orders: 60, shuffleWindow: 30 },
      { seed: 8, shop: SOUTH_SHOP, orders: 60, shuffleWindow: 30 },
    ]
    expect(await play('two tenants', { sources, pipeline: { partitions: 3, maxRecords: 50 } })).toEqual([])
  })
})

describe('the views, what they got wrong once', () => {
  // An exchange: one size back, another out, at the same price. Money and units are nothing, so that no entry is booked,
  // and products_v1 takes the day of the first one.
  it('a credit that sums to nothing stands in products_v1 on its own day', async () => {
    const at = '2025-05-01T10:00:00Z'
    const line = { name: '', unitPrice: '10' }
    const lines = [
      { ...line, sku: 'M', quantity: '-1' },
      { ...line, sku: 'L', quantity: '1' },
    ]
    const address = {
      schemaVersion: 1,
      tenant: NORTH.id,
      source: 'shop',
      orderId: 'x',
      version: 1,
      changedAt: at,
    }
    const event = {
      type: 'order',
      ...address,
      kind: 'credit',
      status: 'completed',
      placedAt: at,
      currency: 'EUR',
      lines,
    }
    const database = `oracle_${++runs}`
    const own = await openPipeline({ warehouse: engine.warehouse, database, tenants: [NORTH] })
    try {
      const value = Buffer.from(JSON.stringify(event))
      await own.log.append('orders', [
        { partition: 0, key: 'north/shop/x', value, contentType: 'application/json' },
      ])
      await own.settle()
      const days = await engine.warehouse.query<{ day: string }>(
        `SELECT DISTINCT day FROM ${database}.products_v1 WHERE booked_units != 0`,
      )
      expect(days).toEqual([{ day: '2025-05-01' }])
    } finally {
      await own.dispose()
    }
  })
})
