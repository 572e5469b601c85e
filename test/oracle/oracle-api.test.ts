/** The same comparison one step further: what the api answers, and what the last frame of a wall shows. */
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../api/app.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { diffLedgers } from './diff-ledgers.ts'
import { Ledger } from './ledger.ts'
import { nextMidnight } from './local-days.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { asTheApiTells, ledgerOfHero, readApiLedger, readWallHero } from './read-api.ts'
import { judge, runSources } from './run-sources.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH, NORTH_SHOP, SOUTH, SOUTH_SHOP } from './shops.ts'
import { iso } from './snapshot.ts'

const DATABASE = 'oracle_api'
const SHOPS = [NORTH_SHOP, SOUTH_SHOP]
const TENANTS = [NORTH, SOUTH]

let engine: TestEngine
let pipeline: Pipeline
let app: FastifyInstance
let url: string
let ledger: Ledger
beforeAll(async () => {
  engine = await startTestEngine()
  const options = { warehouse: engine.warehouse, database: DATABASE, tenants: TENANTS, maxRecords: 60 }
  pipeline = await openPipeline(options)
  const sources = SHOPS.map(
    (shop, index) => new SeededSource({ seed: 21 + index, shop, orders: 40, shuffleWindow: 20 }),
  )
  const { faults } = await runSources(pipeline, sources)
  ledger = sources.reduce((all, source) => all.merge(source.books().ledger()), new Ledger())
  for (const shop of SHOPS) await tellNow(shop)
  expect([...faults, ...(await pipeline.settle()), ...(await judge(pipeline, sources, options))]).toEqual([])
  app = createApi({
    ...{ tenants: TENANTS, warehouse: engine.warehouse, database: DATABASE, log: pipeline.log },
    ...{ logger: silentLogger, registry: new Registry() },
    health: () => ({ warehouse: 'up', processor: 'running', message: '' }),
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app?.close()
  await pipeline.dispose()
  await engine.stop()
})

/** The tenant's now becomes the end of its busiest day, so that walls show the whole of that day. */
async function tellNow(shop: (typeof SHOPS)[number]): Promise<void> {
  const upTo = nextMidnight(shop.zone, Date.parse(`${busiestDay(shop.tenant)}T16:00:00Z`)) - 1
  for (const source of shop.sources) {
    const progress = {
      type: 'source.progress',
      schemaVersion: 1,
      tenant: shop.tenant,
      source,
      upTo: iso(upTo),
    }
    const value = Buffer.from(
      JSON.stringify({ ...progress, polledAt: iso(Date.now()), mode: 'replay', speed: 1 }),
    )
    const key = `${shop.tenant}/${source}`
    await pipeline.log.append(
      'orders',
      [0, 1].map((partition) => ({ partition, key, value, contentType: 'application/json' as const })),
    )
  }
}

function busiestDay(tenant: string): string {
  const currency = TENANTS.find(({ id }) => id === tenant)!.currency
  const days = [...ledger.without('source', 'status').entries()].filter(
    ([key]) => key.tenant === tenant && key.currency === currency && key.axis === 'booked',
  )
  return days.sort(([, a], [, b]) => b.orders - a.orders)[0]![0].day
}

describe('the oracle over api and frames', () => {
  it.each(TENANTS)('the api answers what the books of $id say', async (tenant) => {
    const expected = asTheApiTells(ledger, tenant)
    const days = [...new Set([...expected.entries()].map(([{ day }]) => day))].sort()
    const said = diffLedgers('api', await readApiLedger(url, tenant, days), expected)
    console.log(
      `oracle, api: ${tenant.id}: ${days.length} days on 2 axes, ${expected.size} buckets: ${said.length} differences`,
    )
    expect(said).toEqual([])
  })

  it.each(TENANTS)('a wall of $id shows what its books say', async (tenant) => {
    const day = busiestDay(tenant.id)
    for (const axis of ['booked', 'sale'] as const) {
      const hero = await readWallHero(url, tenant, axis)
      expect(hero.day).toBe(day)
      const expected = asTheApiTells(ledger, tenant).only((key) => key.axis === axis && key.day === day)
      const said = diffLedgers('frame', ledgerOfHero(tenant, hero), expected)
      console.log(
        `oracle, frame: ${tenant.id} ${axis} ${day}: ${hero.today.revenue} ${hero.currency}: ${said.length} differences`,
      )
      expect(said).toEqual([])
    }
  })
})
