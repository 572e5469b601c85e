/** Two `revwall api` over one Redis, as processes of their own: the same wall, and figures that equal what was sold. */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keysIn } from '../../api/shared/testing/expected-keys.ts'
import { openWall, resumeOf, type TestWall } from '../../api/testing/open-wall.ts'
import { checksumOf } from '../../core/contracts/checksum.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { startTestRedis, type TestRedis, whyNoRedis } from '../../core/redis/testing/test-redis.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { CUSTOMERS, openTill, REGIONS, SKUS, type Till } from './till.ts'
import { waitUntil } from './wait-until.ts'

const WITHIN_MS = 30_000
/** It is noon there, so that the day does not change while this runs. */
const ZONE_HOURS = 12 - new Date().getUTCHours()
const TENANTS = ['norte', 'sul'].map((id) => ({
  ...{ id, name: id, currency: 'BRL' },
  timeZone: `Etc/GMT${ZONE_HOURS > 0 ? '-' : '+'}${Math.abs(ZONE_HOURS)}`,
}))

describe.skipIf(whyNoRedis() !== undefined)('two api processes over one Redis', () => {
  const folder = temporaryFolder('redis')
  const running: RevwallProcess[] = []
  const walls: TestWall[] = []
  let redis: TestRedis
  let log: EventLog
  let tills: Till[]
  let pages: string[]
  let day: string

  beforeAll(async () => {
    redis = await startTestRedis()
    const processor = start('process')
    await waitUntil('the processor', WITHIN_MS, () => processor.output().includes('process: running'))
    pages = await Promise.all([start('api'), start('api')].map((api) => api.page()))
    log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
    const at = new Date().toISOString()
    day = new Date(Date.now() + ZONE_HOURS * 3_600_000).toISOString().slice(0, 10)
    tills = TENANTS.map(({ id, currency }) => openTill({ log, tenant: id, currency, at }))
  })
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') for (const each of running) console.log(each.output())
  })
  afterAll(async () => {
    for (const wall of walls) await wall.close()
    await log?.close()
    for (const each of running) await each.dispose()
    await redis?.stop()
    folder.remove()
  })

  function start(role: string): RevwallProcess {
    const env = {
      REDIS_URL: redis.url,
      REVWALL_REDIS_PLAIN_TENANT: 'norte',
      REVWALL_TENANTS: JSON.stringify(TENANTS),
    }
    const started = startRevwall({ args: [role], folder: folder.path, env })
    running.push(started)
    return started
  }

  async function wallAt(page: string, resume?: TestWall): Promise<TestWall> {
    const wall = await openWall(page, { tenant: 'norte', ...(resume && { resume }) })
    walls.push(wall)
    return wall
  }

  const shows = (wall: TestWall) =>
    waitUntil(`${tills[0]!.revenue()} on a wall`, WITHIN_MS, () => {
      const today = wall.tiles.hero?.today
      return today?.revenue === tills[0]!.revenue() && today.orders === tills[0]!.sold()
    })
  const showTheSame = async (...those: TestWall[]) => {
    await Promise.all(those.map(shows))
    await waitUntil(
      'one checksum',
      WITHIN_MS,
      () => new Set(those.map(({ tiles }) => checksumOf(tiles))).size === 1,
    )
  }
  const sell = async (count: number) => {
    for (const till of tills) await till.sell(count)
  }

  /** Whoever holds this wall goes to the other page with it; resolves with the first frame that has tiles. */
  async function move(wall: TestWall, page: string) {
    await wall.close()
    const held = wall.frames.length
    const moved = await wallAt(page, wall)
    const first = await waitUntil('its first frame', WITHIN_MS, () =>
      moved.frames.slice(held).find(({ type }) => type === 'snapshot' || type === 'update'),
    )
    await shows(moved)
    return { moved, first }
  }

  /** By the till alone: nothing of the system is asked. */
  function soldKeys(): [string, string][] {
    const [norte, sul] = tills as [Till, Till]
    const of = (prefix: string, till: Till): [string, string][] => [
      [`${prefix}faturamento:${day}`, till.revenue()],
      [`${prefix}pedidos_count:${day}`, String(till.sold())],
      [`${prefix}clientes_ativos:${day}`, String(CUSTOMERS)],
      ...REGIONS.map((region, i): [string, string] => [
        `${prefix}vendas_por_regiao:${region}:${day}`,
        till.revenue((n) => n % REGIONS.length === i),
      ]),
    ]
    return [...of('', norte), ...of('sul:', sul)].sort()
  }

  const soldRanks = (till: Till) =>
    Array.from({ length: SKUS }, (_, sku) => [`sku-${sku}`, till.revenue((n) => n % SKUS === sku)]).sort()

  /** Scores are doubles, which Redis prints to the last bit: exact when they are rounded. */
  async function ranksIn(key: string): Promise<string[][]> {
    const flat = await redis.client.zrevrange(key, 0, -1, 'WITHSCORES')
    return flat
      .flatMap((member, i) => (i % 2 === 0 ? [[member, String(Number(Number(flat[i + 1]).toFixed(4)))]] : []))
      .sort()
  }

  async function keysAreSold(): Promise<void> {
    const should = { keys: soldKeys(), ranks: tills.map(soldRanks) }
    let is: unknown
    await waitUntil('the keys', WITHIN_MS, async () => {
      const keys = [...(await keysIn(redis.client))].filter(([key]) => key.endsWith(day)).sort()
      is = { keys, ranks: await Promise.all(['top_produtos', 'sul:top_produtos'].map(ranksIn)) }
      return isDeepStrictEqual(is, should)
    }).catch(() => expect(is).toEqual(should))
  }

  it('show the same wall, and it moves between them without a snapshot', async () => {
    await sell(30)
    const [one, other] = [await wallAt(pages[0]!), await wallAt(pages[1]!)]
    await showTheSame(one, other)
    const held = resumeOf(one)
    const { moved, first } = await move(one, pages[1]!)
    expect(first).toMatchObject({ type: 'update', from: held?.epoch })
    await sell(10)
    await showTheSame(moved, other)
    await keysAreSold()
  })

  it('are both right while Redis is killed; it has all again when it is back, empty', async () => {
    const [one, other] = [await wallAt(pages[0]!), await wallAt(pages[1]!)]
    await showTheSame(one, other)
    await redis.kill()
    await sell(20)
    await showTheSame(one, other)
    await waitUntil('both to tell it', WITHIN_MS, () =>
      [one, other].every(({ tiles }) => tiles.health?.redis === 'down'),
    )
    const { moved, first } = await move(one, pages[1]!)
    expect(first).toMatchObject({ type: 'snapshot' })
    await redis.restart()
    await keysAreSold()
    await waitUntil('both to tell it', WITHIN_MS, () =>
      [moved, other].every(({ tiles }) => tiles.health?.redis === 'up'),
    )
    await sell(10)
    await showTheSame(moved, other)
  })

  it('go on with the figures when the one that writes them is killed', async () => {
    const apis = running.slice(1)
    // Each that wrote when Redis was lost believes in its turn until its next write.
    let isWriter: boolean[] = []
    await waitUntil('one writer', WITHIN_MS, async () => {
      isWriter = await Promise.all(pages.map(writes))
      return isWriter.filter(Boolean).length === 1
    })
    await apis[isWriter.indexOf(true)]!.end('SIGKILL')
    await sell(10)
    await keysAreSold()
    await shows(await wallAt(pages[isWriter.indexOf(false)]!))
  })
})

async function writes(page: string): Promise<boolean> {
  const text = await (await fetch(`${page}/metrics`)).text()
  return /^revwall_redis_figures_writer 1$/m.test(text)
}
