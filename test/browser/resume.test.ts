/**
 * A real page on a real hub, ClickHouse and log: what it does when frames are lost or wrong, when nobody looks, and when
 * the wire was cut. Orders are written by hand, so that each step knows what the page has to show.
 */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../api/app.ts'
import { RING_MS } from '../../api/live/resume-ring.ts'
import { startTestApi, type TestApi } from '../../api/testing/start-api.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { serverFrame } from '../../core/contracts/frames.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { ROOT } from '../cli/revwall-process.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openCutProxy } from './cut-proxy.ts'
import { type Meddle, openMeddlingProxy } from './meddling-proxy.ts'
import { openBrowser } from './open-browser.ts'
import { markPage, readWall } from './read-wall.ts'
import { sameAsClickHouse } from './same-as-clickhouse.ts'
import { tellHidden } from './tell-hidden.ts'
import { isUnreachable, watchConsole } from './watch-console.ts'

const DAY = '2011-11-17'
const TENANT = { id: 'online-retail', name: 'Online Retail', timeZone: 'Europe/London', currency: 'GBP' }
const MARKER = 'not reloaded'
const PAGE = { tenants: [TENANT], staticFolder: join(ROOT, 'ui/dist') }

let skewMs = 0
const clock = { ...systemClock, now: () => Date.now() + skewMs }
let api: TestApi
let browser: Browser
let offset = 0
let revenue = 0

beforeAll(async () => {
  api = await startTestApi({ ...PAGE, clock })
  await commit(100)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await api?.stop()
})

/** One more order of so many whole pounds, with its marks and notices. */
async function commit(pounds: number): Promise<void> {
  const first = offset
  offset += 10
  revenue += pounds
  const entries = [{ at: `${DAY}T10:00:00Z`, kind: 'sale' as const, amount: String(pounds), units: '1' }]
  const told = { tenant: TENANT.id, upTo: `${DAY}T10:30:00Z`, polledAt: new Date().toISOString(), speed: 60 }
  await api.insert([
    { tenant: TENANT.id, orderId: `O${first}`, entries },
    ...marks(4, { first, last: offset - 1, progress: [told], rows: 1 }),
  ])
  for (let partition = 0; partition < 4; partition++)
    await api.notice({ partition, first, last: offset - 1, touched: [{ tenant: TENANT.id, days: [DAY] }] })
}

/** A page at this address that is live; `types` grows by each frame with state that it gets. */
async function openPage(url: string): Promise<{ page: Page; types: string[] }> {
  const page = await browser.newPage()
  const types: string[] = []
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const { type } = serverFrame.parse(JSON.parse(String(payload)))
      if (type === 'snapshot' || type === 'update') types.push(type)
    }),
  )
  await page.goto(url)
  await markPage(page, MARKER)
  await waitUntil('numbers', 20_000, async () => (await readWall(page)).revenue !== null)
  return { page, types }
}

const shows = (page: Page, pounds: number, withinMs = 15_000) =>
  waitUntil(`${pounds} on the page`, withinMs, async () => {
    const wall = await readWall(page)
    return wall.phase === 'live' && Number(wall.revenue) === pounds && wall
  })

async function agrees(page: Page): Promise<void> {
  const { wall } = await sameAsClickHouse(page, api.db.warehouse)
  expect(wall).toMatchObject({ phase: 'live', marker: MARKER, malformed: 0 })
}

async function counted(name: string, reason: string, registry = api.registry): Promise<number> {
  const text = await registry.getSingleMetricAsString(`revwall_live_${name}_total`)
  return Number(new RegExp(`\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
}

async function behind(meddle: Meddle, act: (page: Page) => Promise<void>): Promise<void> {
  const proxy = await openMeddlingProxy(api.url, meddle)
  const { page } = await openPage(proxy.url)
  try {
    await act(page)
  } finally {
    await page.close()
    await proxy.close()
  }
}

describe('the page', () => {
  it('heals a wrong number that came in a frame of the right order, by its checksum', async () => {
    let wrong = 0
    const falsify: Meddle = (text) => {
      const frame = serverFrame.parse(JSON.parse(text))
      if (wrong > 0 || !('set' in frame) || frame.set.hero?.day !== DAY) return text
      wrong += 1
      frame.set.hero.today.revenue = '99.99'
      return JSON.stringify(frame)
    }
    await behind(falsify, async (page) => {
      await waitUntil('the wrong number', 10_000, async () => (await readWall(page)).revenue === '99.99')
      const since = performance.now()
      const healed = await shows(page, revenue)
      console.log(`a wrong number was healed after ${((performance.now() - since) / 1_000).toFixed(1)} s`)
      expect(healed).toMatchObject({ mismatches: 1, resyncs: 1, marker: MARKER })
      await agrees(page)
    })
    expect(await counted('resyncs', 'checksum')).toBe(1)
  })

  it('heals the loss of a frame that no other follows', async () => {
    let lost = 0
    let armed = false
    const lose: Meddle = (text) => {
      const frame = serverFrame.parse(JSON.parse(text))
      if (!armed || frame.type !== 'update') return text
      lost += 1
      return null
    }
    await behind(lose, async (page) => {
      await shows(page, revenue)
      const before = revenue
      armed = true
      await commit(11)
      await waitUntil('a loss', 10_000, () => lost > 0)
      expect(Number((await readWall(page)).revenue)).toBe(before)
      const healed = await shows(page, revenue)
      expect(healed).toMatchObject({ mismatches: 0, marker: MARKER })
      expect(healed.resyncs).toBeGreaterThan(0)
      armed = false
      await agrees(page)
    })
    expect(await counted('resyncs', 'gap')).toBeGreaterThan(0)
  })

  it('draws nothing while hidden, then its old values with their time until it has the new ones', async () => {
    const { page, types } = await openPage(api.url)
    const complaints = watchConsole(page)
    await shows(page, revenue)
    await tellHidden(page, true)
    await page.evaluate(WATCH_DRAWING)
    // Motion that had begun comes to its end, and what was on its way arrives.
    await waitUntil('rest', 10_000, async () => {
      await page.evaluate('window.__drawn = []')
      const had = types.length
      await page.waitForTimeout(600)
      return types.length === had && (await page.evaluate('window.__drawn.length')) === 0
    })
    const before = await readWall(page)
    const got = types.length
    for (let i = 0; i < 5; i++) {
      await commit(7)
      await page.waitForTimeout(300)
    }
    expect(await page.evaluate('window.__drawn')).toEqual([])
    expect(await readWall(page)).toEqual(before)
    expect(types.length).toBe(got)

    await tellHidden(page, false)
    await shows(page, revenue)
    const drawn = (await page.evaluate('window.__drawn')) as string[]
    console.log(`on return: ${drawn.slice(0, 4).join(' → ')}`)
    expect(drawn[0]).toMatch(/^resyncing: last values of 10:30:00/)
    expect(types[got]).toBe('update')
    expect(await readWall(page)).toMatchObject({ resyncs: 0, mismatches: 0, epoch: before.epoch })
    await agrees(page)
    expect(await counted('resumes', 'return')).toBe(1)
    expect(complaints.take()).toEqual([])
    await page.close()
  })

  it('resumes with one update after the wire was cut for two seconds', async () => {
    const proxy = await openCutProxy(api.url)
    const { page, types } = await openPage(proxy.url)
    await shows(page, revenue)
    const { epoch } = await readWall(page)
    proxy.break()
    await waitUntil('offline', 5_000, async () => (await readWall(page)).phase === 'offline')
    await commit(13)
    await page.waitForTimeout(2_000)
    const got = types.length
    proxy.mend()
    await shows(page, revenue)
    expect(types[got]).toBe('update')
    expect(await readWall(page)).toMatchObject({ epoch, resyncs: 0 })
    await agrees(page)
    expect(await counted('resumes', 'reconnect')).toBe(1)
    await page.close()
    await proxy.close()
  })

  it('takes a snapshot after a cut that was longer than the ring', async () => {
    const proxy = await openCutProxy(api.url)
    const stayed = await openPage(api.url)
    const { page, types } = await openPage(proxy.url)
    await shows(page, revenue)
    proxy.break()
    await waitUntil('offline', 5_000, async () => (await readWall(page)).phase === 'offline')
    await commit(17)
    await shows(stayed.page, revenue)
    // A minute and more passes for the hub.
    skewMs += RING_MS + 1_000
    const got = types.length
    proxy.mend()
    await shows(page, revenue)
    expect(types[got]).toBe('snapshot')
    await agrees(page)
    expect(await counted('snapshots', 'gone')).toBe(1)
    await page.close()
    await stayed.page.close()
    await proxy.close()
  })

  it('takes a snapshot of the next server, whose epoch is another', async () => {
    const { page, types } = await openPage(api.url)
    const complaints = watchConsole(page)
    await shows(page, revenue)
    const { epoch } = await readWall(page)
    await api.app.close()
    await waitUntil('offline', 5_000, async () => (await readWall(page)).phase === 'offline')
    await commit(19)
    const registry = new Registry()
    const next = createApi({
      ...PAGE,
      warehouse: api.db.warehouse,
      database: 'revwall_r1',
      log: api.log,
      logger: silentLogger,
      registry,
      health: () => api.health,
      clock,
    })
    const got = types.length
    await next.listen({ host: '127.0.0.1', port: Number(new URL(api.url).port) })
    try {
      await shows(page, revenue, 20_000)
      expect(types[got]).toBe('snapshot')
      expect((await readWall(page)).epoch).not.toBe(epoch)
      await agrees(page)
      expect(await counted('snapshots', 'epoch', registry)).toBe(1)
      expect(complaints.take().filter((complaint) => !isUnreachable(complaint))).toEqual([])
    } finally {
      await next.close()
    }
  })
})

/** What the header says each time that anything is drawn. */
const WATCH_DRAWING = `(() => {
  const part = (name) => document.querySelector('[data-testid="' + name + '"]')
  window.__drawn = []
  new MutationObserver(() => {
    window.__drawn.push(part('wall').dataset.phase + ': ' + (part('complete-to')?.textContent.trim() ?? ''))
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
})()`
