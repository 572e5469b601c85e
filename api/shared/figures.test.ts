/** The day's figures as keys in a real Redis: they are what the base table has, whatever happens to anybody. */
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { connectRedis, type Redis } from '../../core/redis/connect-redis.ts'
import { startTestRedis, type TestRedis, whyNoRedis } from '../../core/redis/testing/test-redis.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { createApi } from '../app.ts'
import { DATABASE, startTestApi, TENANTS, type TestApi } from '../testing/start-api.ts'
import { GUARD_KEY } from './guarded-keys.ts'
import { expectedKeys, keysIn, sorted } from './testing/expected-keys.ts'

const TODAY = '2011-11-17'
const YESTERDAY = '2011-11-16'
const WITHIN_MS = 12_000

describe.skipIf(whyNoRedis() !== undefined)('the figures in Redis', () => {
  let server: TestRedis
  let redis: Redis
  let api: TestApi
  let offset = 0
  beforeAll(async () => {
    server = await startTestRedis()
    redis = connectRedis({ url: server.url, logger: silentLogger })
    api = await startTestApi({ shared: { redis, plainTenant: 'acme' } })
  })
  afterAll(async () => {
    await api?.stop()
    await redis?.close()
    await server?.stop()
  })

  async function commit(rows: SampleOrder[], { notice = true } = {}): Promise<void> {
    const first = offset
    offset += 10
    const told = (tenant: string) => ({
      tenant,
      upTo: `${TODAY}T15:30:00Z`,
      polledAt: new Date().toISOString(),
    })
    await api.insert([
      ...rows,
      ...marks(4, { first, last: offset - 1, progress: ['acme', 'zebra'].map(told), rows: rows.length }),
    ])
    if (!notice) return
    const touched = TENANTS.map(({ id }) => {
      const entries = rows.filter(({ tenant }) => tenant === id).flatMap((row) => row.entries)
      return { tenant: id, days: [...new Set(entries.map(({ at }) => at.slice(0, 10)))] }
    })
    for (let partition = 0; partition < 4; partition++)
      await api.notice({ partition, first, last: offset - 1, touched })
  }

  const expected = async () => {
    const { warehouse } = api.db
    const acme = { tenant: 'acme', currency: 'GBP', prefix: '', today: TODAY }
    const zebra = { tenant: 'zebra', currency: 'BRL', prefix: 'zebra:', today: TODAY }
    return sorted([
      ...(await expectedKeys(warehouse, DATABASE, acme)),
      ...(await expectedKeys(warehouse, DATABASE, zebra)),
    ])
  }

  /** Every key, and none besides. */
  async function untilEqual(): Promise<number> {
    const should = await expected()
    const since = performance.now()
    let is: [string, string][] = []
    await waitUntil(`${JSON.stringify(should)} in Redis`, WITHIN_MS, async () => {
      is = sorted(await keysIn(server.client).catch(() => []))
      return JSON.stringify(is) === JSON.stringify(should)
    }).catch(() => expect(is).toEqual(should))
    return performance.now() - since
  }

  const sale = (orderId: string, amount: string, more: Partial<SampleOrder> = {}): SampleOrder => ({
    tenant: 'acme',
    orderId,
    region: 'Norte',
    customer: orderId,
    entries: [{ at: `${TODAY}T10:00:00Z`, kind: 'sale', amount }],
    lines: [{ sku: `sku-${orderId}`, name: `Thing ${orderId}`, quantity: '1', amount }],
    ...more,
  })

  it('equal the sums over the base table soon after a batch, for every tenant', async () => {
    const zebra = { tenant: 'zebra', currency: 'BRL', zone: 'America/Sao_Paulo' }
    await commit([
      sale('A1', '10.25'),
      sale('A2', '0.1', { region: 'Sul: "beira"', customer: 'A1' }),
      sale('A3', '7.0001', { region: '', customer: '' }),
      sale('A4', '5', { entries: [{ at: '2011-11-10T09:00:00Z', kind: 'sale', amount: '5' }] }),
      sale('Z1', '777.7', { ...zebra, region: 'São Paulo' }),
      sale('Z2', '1.5', { currency: 'USD' }),
    ])
    await untilEqual()
    const { client } = server
    expect(await client.get(`faturamento:${TODAY}`)).toBe('17.3501')
    expect(await client.get(`clientes_ativos:${TODAY}`)).toBe('1')
    expect(await client.get('pedidos_count:2011-11-12')).toBe('0')
    expect(await client.get(`zebra:vendas_por_regiao:São Paulo:${TODAY}`)).toBe('777.7')
    await commit([sale('A5', '2')])
    expect(await untilEqual()).toBeLessThan(2_000)
  })

  it('rank the day’s products by revenue, with their names beside', async () => {
    const { client } = server
    await waitUntil('all products', WITHIN_MS, async () => (await client.zcard('top_produtos')) === 4)
    expect(await client.zrevrange('top_produtos', 0, -1)).toEqual(['sku-A1', 'sku-A3', 'sku-A5', 'sku-A2'])
    const score = Number(await client.zscore('top_produtos', 'sku-A3'))
    expect(score.toFixed(4)).toBe('7.0001')
    expect(await client.hget('top_produtos:nomes', 'sku-A1')).toBe('Thing A1')
    expect(await client.zrevrange('zebra:top_produtos', 0, -1)).toEqual(['sku-Z1'])
  })

  it('forget a region and a product that fell to zero, and follow a late arrival of a past day', async () => {
    await commit([
      { ...sale('A2', '0.1', { region: 'Sul: "beira"', customer: 'A1' }), sign: -1 },
      { ...sale('A2', '0.1', { entries: [], lines: [], placedAt: `${TODAY}T10:00:00Z` }), revision: 2 },
      sale('A6', '3', { entries: [{ at: `${YESTERDAY}T09:00:00Z`, kind: 'sale', amount: '3' }] }),
      sale('A7', '4', { entries: [{ at: '2011-11-08T09:00:00Z', kind: 'sale', amount: '4' }] }),
    ])
    await untilEqual()
    expect(await server.client.exists(`vendas_por_regiao:Sul: "beira":${TODAY}`)).toBe(0)
    expect(await server.client.get('faturamento:2011-11-09')).toBe('0')
    await waitUntil('the product to go', WITHIN_MS, async () => {
      return (await server.client.zscore('top_produtos', 'sku-A2')) === null
    })
  })

  it('are there again after Redis was emptied, restarted empty, or set back', async () => {
    await server.client.flushall()
    await untilEqual()
    await server.restart()
    await commit([sale('A8', '1.11')])
    await untilEqual()
    const token = await server.client.get(GUARD_KEY)
    await server.save()
    await commit([sale('A9', '2.22')])
    await untilEqual()
    await server.restart()
    await untilEqual()
    expect(await server.client.get(GUARD_KEY)).not.toBe(token)
  })

  it('come without a notice as well, and through a pause of Redis; a request waits for nothing', async () => {
    server.pause()
    await commit([sale('B1', '1')])
    const since = performance.now()
    const answer = await fetch(`${api.url}/api/v1/totals?tenant=acme&from=${TODAY}&to=${TODAY}`)
    expect(answer.status).toBe(200)
    expect(performance.now() - since).toBeLessThan(1_000)
    await waitUntil('health to tell', WITHIN_MS, async () => {
      const health = (await (await fetch(`${api.url}/readyz`)).json()) as { redis?: string }
      return health.redis === 'down'
    })
    server.resume()
    await untilEqual()
    await commit([sale('B2', '1')], { notice: false })
    await untilEqual()
    expect(await (await fetch(`${api.url}/readyz`)).json()).toMatchObject({ redis: 'up' })
  })

  it('are one process’s to write; when it is gone another one goes on', async () => {
    const second = connectRedis({ url: server.url, logger: silentLogger })
    const registry = new Registry()
    const other = createApi({
      tenants: TENANTS,
      warehouse: api.db.warehouse,
      database: DATABASE,
      log: api.log,
      logger: silentLogger,
      registry,
      health: () => ({ ...api.health }),
      shared: { redis: second, plainTenant: 'acme' },
    })
    await other.listen({ host: '127.0.0.1', port: 0 })
    const writers = () => Promise.all([api.registry, registry].map(writes))
    await new Promise((resolve) => setTimeout(resolve, 7_000))
    expect(await writers()).toEqual([1, 0])
    // As a process that hangs: its connection is there and says nothing more.
    await redis.close()
    await commit([sale('C1', '0.01')])
    await untilEqual()
    expect((await writers())[1]).toBe(1)
    await other.close()
    expect(await server.client.get(GUARD_KEY)).toMatch(/^free\//)
    await second.close()
  })
})

async function writes(registry: Registry): Promise<number> {
  const text = await registry.getSingleMetricAsString('revwall_redis_figures_writer')
  return Number(/^revwall_redis_figures_writer (\d)/m.exec(text)?.[1])
}
