/** Walls that come to another process of the api than before, with a real Redis between the two, and without. */
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { checksumOf } from '../../core/contracts/checksum.ts'
import { connectRedis, type Redis } from '../../core/redis/connect-redis.ts'
import { startTestRedis, type TestRedis, whyNoRedis } from '../../core/redis/testing/test-redis.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { createApi } from '../app.ts'
import { openWall, resumeOf, type TestWall, type WallOptions } from '../testing/open-wall.ts'
import { DATABASE, startTestApi, TENANTS, type TestApi } from '../testing/start-api.ts'

const DAY = '2011-11-17'

describe.skipIf(whyNoRedis() !== undefined)('a wall that moves', () => {
  let server: TestRedis
  let links: Redis[]
  let api: TestApi
  let other: ReturnType<typeof createApi>
  let otherUrl = ''
  const registry = new Registry()
  const walls: TestWall[] = []
  let offset = 0
  let total = 0

  beforeAll(async () => {
    server = await startTestRedis()
    links = [0, 1].map(() => connectRedis({ url: server.url, logger: silentLogger }))
    const [one, two] = links.map((redis) => ({ redis, plainTenant: undefined }))
    api = await startTestApi({ shared: one })
    const { db, log, health } = api
    other = createApi({
      ...{
        tenants: TENANTS,
        warehouse: db.warehouse,
        database: DATABASE,
        log,
        logger: silentLogger,
        registry,
      },
      health: () => ({ ...health }),
      shared: two,
    })
    otherUrl = await other.listen({ host: '127.0.0.1', port: 0 })
    await commit(1)
  })
  afterEach(async () => {
    await Promise.all(walls.splice(0).map((wall) => wall.close()))
  })
  afterAll(async () => {
    await other?.close()
    await api?.stop()
    for (const link of links ?? []) await link.close()
    await server?.stop()
  })

  async function commit(amount: number): Promise<void> {
    const first = offset
    offset += 10
    total += amount
    const entries = [{ at: `${DAY}T10:00:00Z`, kind: 'sale' as const, amount: String(amount) }]
    const told = { tenant: 'acme', upTo: `${DAY}T10:30:00Z`, polledAt: new Date().toISOString() }
    await api.insert([
      { tenant: 'acme', orderId: `O${first}`, entries },
      ...marks(4, { first, last: offset - 1, progress: [told], rows: 1 }),
    ])
    for (let partition = 0; partition < 4; partition++)
      await api.notice({ partition, first, last: offset - 1, touched: [{ tenant: 'acme', days: [DAY] }] })
  }

  async function wallAt(url: string, options: WallOptions = {}): Promise<TestWall> {
    const wall = await openWall(url, options)
    walls.push(wall)
    return wall
  }

  const shows = (wall: TestWall) => wall.until(() => wall.tiles.hero?.today.revenue === String(total))
  /** Comes with the state of `before`; resolves with the first frame that it is sent, when it shows the newest total. */
  async function arrive(before: TestWall, options: WallOptions = {}) {
    const held = before.frames.length
    const since = performance.now()
    const wall = await wallAt(otherUrl, { ...options, resume: before })
    const news = () => wall.frames.slice(held).find(({ type }) => type === 'snapshot' || type === 'update')
    await wall.until(() => news() !== undefined)
    const ms = performance.now() - since
    await shows(wall)
    return { wall, first: news()!, ms }
  }
  const bothUp = () => waitUntil('Redis', 8_000, () => links.every((link) => link.isUp()))

  async function counted(name: string, reason: string): Promise<number> {
    const text = await registry.getSingleMetricAsString(`revwall_live_${name}_total`)
    return Number(new RegExp(`\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  }

  it('is sent what differs, and then has what all others have', async () => {
    await bothUp()
    const stayed = await wallAt(otherUrl)
    const before = await wallAt(api.url)
    await Promise.all([shows(stayed), shows(before)])
    await before.until(() => checksumOf(before.tiles) === checksumOf(stayed.tiles))
    await before.close()
    await commit(2)
    await shows(stayed)
    const { wall: back, first } = await arrive(before)
    const { epoch, seq } = resumeOf(before)!
    expect(first).toMatchObject({ type: 'update', from: epoch, prev: seq })
    expect(Object.keys((first as { set: object }).set)).not.toContain('tenant')
    await back.until(() => checksumOf(back.tiles) === checksumOf(stayed.tiles))
    await commit(3)
    await shows(back)
    const beat = () => back.frames.at(-1)
    await back.until(() => beat()?.type === 'heartbeat' && 'checksum' in beat()!, 25_000)
    expect(beat()).toMatchObject({ checksum: checksumOf(back.tiles) })
    expect(await counted('resumes', 'moved')).toBe(1)
  })

  it('is compared with a view that is read for it first; unless Redis lost its frame', async () => {
    const before = await wallAt(api.url, { axis: 'sale' })
    await shows(before)
    await before.close()
    expect((await arrive(before, { axis: 'sale' })).first.type).toBe('update')
    await server.client.flushall()
    expect((await arrive(before, { axis: 'sale' })).first.type).toBe('snapshot')
  })

  it('waits for nothing while Redis is paused or gone: a snapshot comes at once', async () => {
    const before = await wallAt(api.url)
    await Promise.all([before, await wallAt(otherUrl)].map((wall) => shows(wall)))
    server.pause()
    const paused = await arrive(before)
    // What is committed meanwhile comes as ever, at both.
    await commit(4)
    await Promise.all([shows(before), shows(paused.wall)])
    await waitUntil('it to be noticed', 8_000, () => links.every((link) => !link.isUp()))
    const noticed = await arrive(before)
    server.resume()
    await server.kill()
    const killed = await arrive(before)
    expect([paused, noticed, killed].map(({ first }) => first.type)).toEqual(Array(3).fill('snapshot'))
    expect(paused.ms).toBeLessThan(700)
    expect(Math.max(noticed.ms, killed.ms)).toBeLessThan(400)
    await server.restart()
    await bothUp()
    await commit(5)
    await shows(before)
    expect((await arrive(before)).first.type).toBe('update')
  })
})
