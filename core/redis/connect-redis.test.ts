import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CutProxy, openCutProxy } from '../../test/browser/cut-proxy.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { silentLogger } from '../runtime/logger.ts'
import { ANSWER_WITHIN_MS, connectRedis, LOOK_INTERVAL_MS, type Redis } from './connect-redis.ts'
import { startTestRedis, type TestRedis, whyNoRedis } from './testing/test-redis.ts'

/** How soon it is known that it is gone, or back: a look, its timeout, and a connection. */
const NOTICED_MS = 3 * (LOOK_INTERVAL_MS + ANSWER_WITHIN_MS)
const PASSWORD = 'open:sesame'

describe.skipIf(whyNoRedis() !== undefined)('a Redis that processes can do without', () => {
  let server: TestRedis
  let redis: Redis
  let wire: CutProxy
  let behindWire: Redis
  beforeAll(async () => {
    server = await startTestRedis({ password: PASSWORD })
    wire = await openCutProxy(server.url)
    redis = connectRedis({ url: server.url, logger: silentLogger })
    const url = wire.url.replace('http://', `redis://:${encodeURIComponent(PASSWORD)}@`)
    behindWire = connectRedis({ url, logger: silentLogger })
    await isUp(redis)
    await isUp(behindWire)
  })
  afterAll(async () => {
    await redis?.close()
    await behindWire?.close()
    await wire?.close()
    await server?.stop()
  })

  const isUp = (one: Redis) => waitUntil('Redis to answer', NOTICED_MS, () => one.isUp())
  const isDown = (one: Redis) => waitUntil('Redis to be gone', NOTICED_MS, () => !one.isUp())

  async function outcome(one: Redis): Promise<{ code: string; ms: number }> {
    const since = performance.now()
    const code = await one.call('GET', 'k').then(
      () => 'answered',
      (error) => error.code as string,
    )
    return { code, ms: performance.now() - since }
  }

  it('answers, and tells what Redis refuses in its words', async () => {
    await redis.call('SET', 'k', 'v')
    expect(await redis.call('GET', 'k')).toBe('v')
    await expect(redis.call('ZADD', 'k', 1, 'm')).rejects.toMatchObject({
      code: 'REDIS_REFUSED',
      message: expect.stringMatching(/^WRONGTYPE/),
    })
    expect(redis.isUp()).toBe(true)
  })

  it('refuses at once while the server is killed, and comes back by itself', async () => {
    await server.kill()
    await isDown(redis)
    const { code, ms } = await outcome(redis)
    expect(code).toBe('REDIS_UNREACHABLE')
    expect(ms).toBeLessThan(50)
    await server.restart()
    await isUp(redis)
    expect((await outcome(redis)).code).toBe('answered')
  })

  it('bounds the wait for a server that is paused, then refuses at once', async () => {
    await isUp(redis)
    server.pause()
    const first = await outcome(redis)
    expect(first.code).toBe('REDIS_UNREACHABLE')
    expect(first.ms).toBeLessThan(ANSWER_WITHIN_MS + 500)
    await isDown(redis)
    expect((await outcome(redis)).ms).toBeLessThan(50)
    // Longer than any of its own waits, so that it has tried to connect to the paused one.
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    expect(redis.isUp()).toBe(false)
    server.resume()
    await isUp(redis)
    expect((await outcome(redis)).code).toBe('answered')
  })

  it('notices a wire that is dead though nobody closed it', async () => {
    await isUp(behindWire)
    wire.freeze()
    await isDown(behindWire)
    expect((await outcome(behindWire)).ms).toBeLessThan(50)
    wire.thaw()
    await isUp(behindWire)
    expect((await outcome(behindWire)).code).toBe('answered')
  })

  it('is down, and no more, where the password is wrong', async () => {
    const told: string[] = []
    const logger = {
      ...silentLogger,
      warn: (_: string, fields?: object) => told.push(JSON.stringify(fields)),
    }
    const stranger = connectRedis({ url: server.url.replace(PASSWORD, 'guess'), logger })
    await waitUntil('a complaint', NOTICED_MS, () => told.length > 0)
    expect(stranger.isUp()).toBe(false)
    expect(told.join()).toMatch(/WRONGPASS|invalid/i)
    expect(told.join()).not.toContain('guess')
    await stranger.close()
  })
})
