/**
 * Two embedded servers as shards, from the log to a browser's frame: the topic grows, one server is killed and comes back
 * in the middle, and what is read through the Distributed tables is what the sources' own books say, to the cent.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../api/app.ts'
import { openWall, type TestWall } from '../../api/testing/open-wall.ts'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import type { Engine } from '../../clickhouse/engine/start-engine.ts'
import { claimShards, requireShards } from '../../clickhouse/migrations/claim-shards.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { followShown, type Shown } from '../../clickhouse/runs/follow-shown.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { overShards, shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { growPartitions, openPartitions } from '../../commands/grow-partitions.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { readConfig } from '../../core/runtime/env.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { followOrders } from '../../processors/anomaly/orders/follow-orders.ts'
import { reconcileShards } from '../../processors/reconciler/reconcile-shards.ts'
import { followCustomers } from '../../processors/rfm/follow-customers.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { diffLedgers } from '../oracle/diff-ledgers.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { asTheApiTells, readApiLedger } from '../oracle/read-api.ts'
import { runSources } from '../oracle/run-sources.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH, NORTH_SHOP, SOUTH } from '../oracle/shops.ts'
import { judgeShards, openShards, type ShardsBed, TENANTS } from './shards-bed.ts'

const { run, database } = FIRST_RUN
const PARTITIONS = 4

let bed: ShardsBed
let engine: Engine
let warehouse: Warehouse
let pipeline: Pipeline
let shown: Shown
let app: FastifyInstance
let url: string
beforeAll(async () => {
  bed = await openShards()
  engine = bed.engine
  warehouse = bed.warehouse
  pipeline = await openPipeline({ warehouse, database, tenants: TENANTS, partitions: PARTITIONS })
  await publishViews(warehouse, { database })
  shown = await followShown({ warehouse, clock: systemClock, logger: silentLogger })
  app = createApi({
    ...{ tenants: TENANTS, warehouse, database: shown.database, log: pipeline.log },
    ...{ logger: silentLogger, registry: new Registry() },
    health: () => ({ warehouse: 'up', processor: 'running', message: '' }),
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app?.close()
  await shown?.stop()
  await pipeline?.dispose()
  await bed?.stop()
})

describe('two servers as shards', () => {
  it('lose and double nothing while the topic grows and one of them is killed, and the wall says so', async () => {
    const plan = { orders: 60, shuffleWindow: 30, duplicates: 'all', bad: false } as const
    const source = new SeededSource({ seed: 57, shop: NORTH_SHOP, ...plan })
    const wall = await openWall(url, { tenant: NORTH.id })
    const sell = async (times: number) => {
      for (let n = 0; n < times; n++) {
        await source.appendTo(pipeline.log, source.nextEvents(20))
        await delay(20)
      }
    }
    const processor = await pipeline.startBeside()
    try {
      await sell(4)
      const parts = { log: pipeline.log, warehouse, database, clock: systemClock }
      expect(await growPartitions(2 * PARTITIONS, parts)).toBe(true)
      await sell(2)
      const all = async () => (await openPartitions(parts)) === 2 * PARTITIONS
      await waitUntil('the new partitions', 30_000, all)
      await killInTheMiddle(1, wall, () => sell(4))
      await killInTheMiddle(0, wall, () => sell(4))
    } finally {
      await processor.stop()
    }
    const { faults, records } = await runSources(pipeline, [source])
    await auditAll()
    const said = [
      ...faults,
      ...(await judgeShards(pipeline, warehouse, [source])),
      ...(await judgeApi(source)),
    ]
    console.log(
      `shards: ${records} more records at the end, ${pipeline.batches()} batches, ${said.length} differences`,
    )
    expect(said).toEqual([])
    await tellComplete(wall)
    await wall.close()
  })

  it('have each partition at one server', async () => {
    for (const [shard, server] of shardsOf(warehouse).entries()) {
      const rows = await server.query<{ partition: number; rows: string }>(
        `SELECT partition, countIf(sign != 0) AS rows FROM ${database}.order_changes GROUP BY partition ORDER BY partition`,
      )
      expect(rows.map(({ partition }) => partition % 2)).toEqual(rows.map(() => shard))
      expect(rows).toHaveLength(PARTITIONS)
      expect(rows.reduce((sum, row) => sum + Number(row.rows), 0)).toBeGreaterThan(0)
    }
  })

  it('show an analyst the own rows of both, and nothing of another tenant', async () => {
    const sql = 'SELECT sum(booked_orders) AS orders, sum(booked_revenue) AS revenue FROM revwall.v1_headline'
    const [truth] = await warehouse.query(
      `SELECT sum(booked_orders) AS orders, sum(booked_revenue) AS revenue FROM ${overShards(database)}.headline_v1
       WHERE tenant = {tenant:String}`,
      { params: { tenant: NORTH.id } },
    )
    expect(await askAs(NORTH.id, sql)).toEqual([truth])
    expect(await askAs(SOUTH.id, 'SELECT tenant FROM revwall.v1_headline')).toEqual([])
    await expect(askAs(SOUTH.id, `SELECT tenant FROM ${overShards(database)}.headline_v1`)).rejects.toThrow(
      'Not enough privileges',
    )
  })

  it('have the customers of both scored, and the orders of both judged', async () => {
    const stopping = new AbortController()
    const following = {
      ...{ warehouse, database, run, log: pipeline.log, clock: systemClock, logger: silentLogger },
      ...{ tenants: new Map(TENANTS.map((tenant) => [tenant.id, tenant])), signal: stopping.signal },
    }
    const registry = new Registry()
    const config = readConfig({}).anomaly
    const running = [
      followCustomers({ ...following, registry }),
      followOrders({ ...following, config, wall: '', registry }),
    ]
    const ask = async (sql: string) => {
      const [row] = await warehouse.query<{ n: string }>(sql, { params: { tenant: NORTH.id } })
      return Number(row?.n ?? 0)
    }
    const changes = (where: string) => `(SELECT * FROM ${where}.order_changes
      WHERE tenant = {tenant:String} AND sign != 0 AND role = 'sale' AND currency = '${NORTH.currency}')`
    const buyers = (where: string) => `SELECT count() AS n FROM (SELECT customer FROM ${changes(where)}
      WHERE customer != '' GROUP BY customer HAVING sum(sign * counts * (kind = 'sale')) > 0)`
    const sold = `SELECT uniqExact(order_id) AS n FROM ${changes(overShards(database))}
      WHERE sign = 1 AND counts = 1 AND kind = 'sale'`
    const customers = await ask(buyers(overShards(database)))
    const orders = await ask(sold)
    try {
      const scored = `SELECT count() AS n FROM ${database}.customer_segments FINAL
        WHERE tenant = {tenant:String} AND orders > 0`
      await waitUntil('all customers', 30_000, async () => (await ask(scored)) === customers)
      const seen = `SELECT max(seen) AS n FROM ${database}.order_scorings WHERE tenant = {tenant:String}`
      await waitUntil('all orders', 30_000, async () => (await ask(seen)) === orders)
    } finally {
      stopping.abort()
      await Promise.all(running)
    }
    console.log(`shards: ${customers} customers scored, ${orders} orders judged or learned from`)
    // Else one server alone would do.
    expect(await ask(buyers(database))).toBeLessThan(customers)
    // Rules are a function of each of them.
    const byRules = "SELECT revwall_segment_v1(0, 1, toDecimal64('5', 4)) AS segment"
    for (const server of shardsOf(warehouse))
      expect(await server.query(byRules)).toEqual([{ segment: 'new' }])
  })

  it('are refused in another number or order', async () => {
    const [first, second] = engine.url.split(',')
    for (const other of [first!, second!, `${second},${first}`, `${engine.url},${first}`]) {
      const wrong = connectWarehouse({ ...engine, url: other })
      await expect(requireShards(wrong, 'revwall')).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
      await expect(claimShards(wrong, 'revwall')).rejects.toMatchObject({ code: 'SHARDS_CHANGED' })
      await wrong.close()
    }
    await requireShards(warehouse, 'revwall')
  })
})

/** kill -9 while batches are written and walls are read. */
async function killInTheMiddle(shard: number, wall: TestWall, sell: () => Promise<void>): Promise<void> {
  const server = engine.shards![shard]!
  const isBack = new Promise<void>((resolve) => {
    const off = engine.on('up', () => {
      off()
      resolve()
    })
  })
  const selling = sell()
  await delay(30)
  const seen = wall.frames.length
  server.kill()
  await wall.until(({ frames }) => frames.slice(seen).some(saysGone), 20_000)
  await Promise.all([selling, isBack])
  await wall.until(({ tiles }) => tiles.health?.warehouse === 'up', 20_000)
}

function saysGone(frame: TestWall['frames'][number]): boolean {
  return 'set' in frame && frame.set.health !== undefined && frame.set.health.warehouse !== 'up'
}

/** What a server that was killed had written to the base and not to a view. */
async function auditAll(): Promise<void> {
  const reconciler = reconcileShards({
    ...{ warehouse, database, run, clock: systemClock, random: Math.random },
    ...{ logger: silentLogger, registry: new Registry() },
  })
  const { complete, audits } = await reconciler.auditAll({ mend: true })
  await reconciler.stop()
  expect(complete).toBe(true)
  expect(new Set(audits.map(({ view }) => view)).size).toBeGreaterThan(5)
}

/** A frame is as complete as the partition that is farthest behind, whichever server has it. */
async function tellComplete(wall: TestWall): Promise<void> {
  const tell = async (upTo: string, partitions: readonly number[]) => {
    const value = Buffer.from(JSON.stringify({ ...PROGRESS, upTo, polledAt: new Date().toISOString() }))
    const record = { key: `${NORTH.id}/shop`, value, contentType: 'application/json' as const }
    await pipeline.log.append(
      'orders',
      partitions.map((partition) => ({ ...record, partition })),
    )
    expect(await pipeline.settle()).toEqual([])
  }
  const all = Array.from({ length: 2 * PARTITIONS }, (_, partition) => partition)
  const [first, next] = [7_200_000, 3_600_000].map((ago) => new Date(Date.now() - ago).toISOString())
  const says = (at: string | undefined) => () =>
    wall.tiles.sources?.find(({ source }) => source === 'shop')?.completeTo === at
  await tell(first!, all)
  await wall.until(says(first), 15_000)
  // One server after the other: the frame follows when both are there.
  await tell(
    next!,
    all.filter((partition) => partition % 2 === 0),
  )
  await delay(2_500)
  expect(says(first)()).toBe(true)
  await tell(
    next!,
    all.filter((partition) => partition % 2 === 1),
  )
  await wall.until(says(next), 15_000)
}

const PROGRESS = { type: 'source.progress', schemaVersion: 1, tenant: NORTH.id, source: 'shop', mode: 'live' }

/** What the api answers, for every day of the books. */
async function judgeApi(source: SeededSource): Promise<string[]> {
  const expected = asTheApiTells(source.books().ledger(), NORTH)
  const days = [...new Set([...expected.entries()].map(([{ day }]) => day))].sort()
  return diffLedgers('api', await readApiLedger(url, NORTH, days), expected)
}

async function askAs(tenant: string, sql: string): Promise<unknown[]> {
  const { user, password } = engine.analysts.find((analyst) => analyst.tenant === tenant)!
  const own = connectWarehouse({ url: engine.shards![0]!.url, user, password })
  try {
    return await own.query(sql)
  } finally {
    await own.close()
  }
}
