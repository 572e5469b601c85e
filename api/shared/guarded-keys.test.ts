/** Writers that were overtaken, in a real Redis: what they read before others wrote never stands. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectRedis, type Redis } from '../../core/redis/connect-redis.ts'
import { startTestRedis, type TestRedis, whyNoRedis } from '../../core/redis/testing/test-redis.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { type KeyChange, readGuard, writeGuarded } from './guarded-keys.ts'
import { createWriterTurn, TAKEOVER_AFTER_MS } from './writer-turn.ts'

const DAY = '2024-03-01'
const day = (revenue: string, regions: Record<string, string> = {}): KeyChange => ({
  ...{ type: 'day', prefix: '', day: DAY, revenue, orders: '1', customers: '1', regions },
})

describe.skipIf(whyNoRedis() !== undefined)('guarded writes', () => {
  let server: TestRedis
  let redis: Redis
  beforeAll(async () => {
    server = await startTestRedis()
    redis = connectRedis({ url: server.url, logger: silentLogger })
    await waitUntil('Redis', 5_000, () => redis.isUp())
  })
  beforeEach(async () => void (await server.client.flushall()))
  afterAll(async () => {
    await redis?.close()
    await server?.stop()
  })

  const revenue = () => server.client.get(`faturamento:${DAY}`)

  it('refuse who has read before another one wrote, and leave all as it was', async () => {
    expect(await writeGuarded(redis, { expected: '', next: 'a/1' }, [day('1', { N: '1' })])).toBe('a/1')
    expect(await writeGuarded(redis, { expected: 'a/1', next: 'b/1' }, [day('2', { S: '2' })])).toBe('b/1')
    expect(await writeGuarded(redis, { expected: 'a/1', next: 'a/2' }, [day('1', { N: '1' })])).toBe('b/1')
    expect(await revenue()).toBe('2')
    expect(await server.client.keys('vendas_por_regiao:*')).toEqual([`vendas_por_regiao:S:${DAY}`])
  })

  it('refuse a write that a paused Redis finds in a buffer later', async () => {
    const old = createWriterTurn(redis, systemClock)
    expect(await old.take()).toBe('taken')
    server.pause()
    await expect(old.write([day('1')])).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' })
    const second = connectRedis({ url: server.url, logger: silentLogger })
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    server.resume()
    const next = createWriterTurn(second, systemClock)
    // Both at once: whichever connection Redis reads first.
    const took = async () =>
      (await next.take().catch(() => 'not yet')) === 'taken' && (await next.write([day('2')]))
    await waitUntil('the turn', 2 * TAKEOVER_AFTER_MS, took)
    await waitUntil('Redis', 5_000, () => redis.isUp())
    expect(await revenue()).toBe('2')
    expect(await old.take()).toBe('not mine')
    await second.close()
  })

  it('go on from many writers that all try at the same time, one after the other', async () => {
    let sum = 0
    const writers = Array.from({ length: 8 }, async (_, i) => {
      for (let done = 0; done < 20; ) {
        const expected = await readGuard(redis)
        // What a writer reads: here what ClickHouse has is a number that only grows.
        const value = ++sum
        const next = `${i}/${done}`
        if ((await writeGuarded(redis, { expected, next }, [day(String(value))])) !== next) continue
        done += 1
        expect(Number(await revenue())).toBeGreaterThanOrEqual(value)
      }
    })
    await Promise.all(writers)
  })

  it('take the turn at once from a writer that left, else after it was silent', async () => {
    const [one, other] = [createWriterTurn(redis, systemClock), createWriterTurn(redis, systemClock)]
    expect([await one.take(), await other.take()]).toEqual(['taken', 'not mine'])
    await one.leave()
    expect(await other.take()).toBe('taken')
    expect(await one.take()).toBe('not mine')
    const since = performance.now()
    await waitUntil('the turn', 2 * TAKEOVER_AFTER_MS, async () => (await one.take()) === 'taken')
    expect(performance.now() - since).toBeGreaterThan(TAKEOVER_AFTER_MS - 500)
    expect(await other.write([day('9')])).toBe(false)
  })
})
