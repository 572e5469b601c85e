/**
 * A wall of all tiles that there are, open in a real browser for a long time while the simulated shop sells: frames a second,
 * the longest stall, and what the page keeps, a line a minute.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { GRID_COLUMNS, type PlacedTile, TILE_NAMES, TILE_SIZES } from '../core/contracts/wall-tiles.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { CHROMIUM, openBrowser } from '../test/browser/open-browser.ts'
import type { Measurement } from './measurement.ts'
import { quantile } from './quantile.ts'
import { type Running, withFolder, withRevwall } from './run-revwall.ts'
import { historyLoaded, steadyShop } from './steady-shop.ts'

const RATE = 5_000
/** A screen that draws 60 times a second draws 59.94 times. */
const AIM_FRAMES = 59
const MINUTE_MS = 60_000
const SCREEN = { width: 1920, height: 1080 }
const MB = 2 ** 20

interface Minute {
  /** A second, on the mean. */
  frames: number
  /** Of the worst second in a hundred. */
  worst: number
  /** Between two frames, ms. */
  longest: number
  heapMb: number
  nodes: number
  /** Messages of the server a second. */
  messages: number
}

export async function measureWall(minutes: number): Promise<Measurement[]> {
  if (!existsSync(CHROMIUM)) {
    console.log(`wall is not measured: ${CHROMIUM} is not there`)
    return []
  }
  return withFolder(async (folder) => {
    const walls = { all: { title: 'All', tiles: allTiles() } }
    const file = { version: 1, tenants: { [DEMO_TENANT.id]: { walls, playlists: {} } } }
    writeFileSync(join(folder, 'walls.json'), JSON.stringify(file))
    const shop = steadyShop(RATE, join(folder, 'ledger.json'))
    return measurementsOf(await withRevwall(shop, folder, (running) => watchMinutes(running, minutes)))
  })
}

/** Row after row. */
function allTiles(): PlacedTile[] {
  return TILE_NAMES.map((tile) => ({
    tile,
    w: Math.min(TILE_SIZES[tile].w, GRID_COLUMNS),
    h: TILE_SIZES[tile].h,
  }))
}

async function watchMinutes({ url }: Running, minutes: number): Promise<Minute[]> {
  await historyLoaded(url, async () => true)
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: SCREEN })
    let messages = 0
    page.on('websocket', (socket) => socket.on('framereceived', () => void messages++))
    await page.goto(`${url}/?wall=all`)
    await page.waitForSelector('[data-tile=hero][data-value]', { timeout: MINUTE_MS })
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    await page.evaluate(COUNT_FRAMES)
    const seen: Minute[] = []
    while (seen.length < minutes) {
      const before = messages
      const minute = { ...(await framesOfAMinute(page)), messages: ((messages - before) * 1_000) / MINUTE_MS }
      const one = { ...minute, ...(await keptBy(session)) }
      seen.push(one)
      console.log(
        `minute ${seen.length}: ${one.frames.toFixed(1)} frames a second, ${one.worst} in the worst of a hundred, longest stall ${one.longest.toFixed()} ms, heap ${one.heapMb.toFixed(1)} MB, ${one.nodes} nodes, ${one.messages.toFixed(1)} messages a second`,
      )
    }
    return seen
  } finally {
    await browser.close()
  }
}

// Text and not functions: what is compiled for node knows no `window`.
const COUNT_FRAMES = `(() => {
  const counted = (window.counted = { seconds: [], gaps: [] })
  let last = performance.now(), second = last, frames = 0
  const look = (now) => {
    counted.gaps.push(now - last)
    last = now
    frames += 1
    if (now - second >= 1000) {
      counted.seconds.push(Math.round((frames * 1000) / (now - second)))
      second = now
      frames = 0
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()`
const TAKE_FRAMES = `(() => {
  const { seconds, gaps } = window.counted
  return { seconds: seconds.splice(0), gaps: gaps.splice(0) }
})()`

async function framesOfAMinute(page: Page): Promise<Pick<Minute, 'frames' | 'worst' | 'longest'>> {
  // What was before, and what collecting garbage cost, is nobody's.
  await page.evaluate(TAKE_FRAMES)
  await new Promise((resolve) => setTimeout(resolve, MINUTE_MS))
  const { seconds, gaps } = await page.evaluate<{ seconds: number[]; gaps: number[] }>(TAKE_FRAMES)
  const sorted = seconds.sort((a, b) => a - b)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  return { frames: 1_000 / mean, worst: quantile(sorted, 0.01), longest: Math.max(...gaps) }
}

/** After all garbage is gone. */
async function keptBy(session: CDPSession): Promise<Pick<Minute, 'heapMb' | 'nodes'>> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
  return { heapMb: of('JSHeapUsedSize') / MB, nodes: of('Nodes') }
}

/** Means of the first fifth behind the start and of the last: what grows shows between them. */
function measurementsOf(seen: readonly Minute[]): Measurement[] {
  const fifth = Math.max(1, Math.floor(seen.length / 5))
  const early = seen.length < 3 ? seen : seen.slice(fifth, 2 * fifth)
  const mean = (some: readonly Minute[], of: keyof Minute) =>
    some.reduce((sum, one) => sum + one[of], 0) / some.length
  const result = (
    name: string,
    value: number,
    unit: Measurement['unit'],
    aim: number | null = null,
  ): Measurement => ({
    ...{
      name: `wall.${name}`,
      value,
      unit,
      aim,
      lowerIsBetter: unit !== 'frames/s' && unit !== 'messages/s',
    },
  })
  return [
    result('minutes', seen.length, 'minutes'),
    result('tiles', TILE_NAMES.length, 'tiles'),
    result('orders_per_second', RATE, 'orders/s'),
    result('frames_per_second', mean(seen, 'frames'), 'frames/s', AIM_FRAMES),
    result('frames_in_worst_second', Math.min(...seen.map(({ worst }) => worst)), 'frames/s'),
    result('longest_stall_ms', Math.max(...seen.map(({ longest }) => longest)), 'ms'),
    result('messages_per_second', mean(seen, 'messages'), 'messages/s'),
    result('heap_early_mb', mean(early, 'heapMb'), 'MB'),
    result('heap_late_mb', mean(seen.slice(-fifth), 'heapMb'), 'MB'),
    result('nodes_early', mean(early, 'nodes'), 'nodes'),
    result('nodes_late', mean(seen.slice(-fifth), 'nodes'), 'nodes'),
  ]
}
