/**
 * A page that is left open while days end: midnight, a day of 23 hours and one of 25, on a real `up` whose clock is set to
 * shortly before. Whatever the day, it shows what ClickHouse has, by itself and without a flash.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HEARTBEAT_INTERVAL_MS } from '../../core/contracts/live-path.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { type RevwallProcess, startRevwall } from '../cli/revwall-process.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { openTill, type Till } from '../cli/till.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { openBrowser } from './open-browser.ts'
import { markPage, readWall } from './read-wall.ts'
import { sameAsClickHouse } from './same-as-clickhouse.ts'
import { type ConsoleWatch, watchConsole } from './watch-console.ts'
import { momentsOf, pathOf, watchWall } from './watch-wall.ts'

const CLOCK = fileURLToPath(new URL('../campaign/processes/turned-clock.mjs', import.meta.url))
const MARKER = 'not reloaded'
/** Long enough before a moment for all that is to be done before it, and shortly before it. */
const LONG_BEFORE_MS = 600_000
const BEFORE_MS = 8_000
/** The page hears of the server's time with each heartbeat at the latest. */
const MOST_LATE_MS = HEARTBEAT_INTERVAL_MS + 5_000
const AGREED_MS = 30_000

const folder = temporaryFolder('day-turns')
const clockFile = join(folder.path, 'turned-clock')
let up: RevwallProcess
let log: EventLog
let browser: Browser
let page: Page
let complaints: ConsoleWatch
let sold = 0

let turnedMs = 0
const nowMs = () => Date.now() + turnedMs

/** The server's clock stands so long before `moment`, and goes on from there. */
function turnTo(moment: string, beforeMs: number): void {
  turnedMs = Date.parse(moment) - beforeMs - Date.now()
  writeFileSync(clockFile, String(turnedMs))
}

beforeAll(async () => {
  turnTo('2024-03-31T00:00:00Z', LONG_BEFORE_MS)
  up = startRevwall({
    args: ['up', '--no-replay'],
    folder: folder.path,
    env: { NODE_OPTIONS: `--import ${CLOCK}`, CAMPAIGN_CLOCK: clockFile },
  })
  const address = await up.ready()
  log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  complaints = watchConsole(page)
  await page.goto(address)
  await waitUntil('a wall', 20_000, async () => (await readWall(page)).revenue !== null)
  await markPage(page, MARKER)
})

afterAll(async () => {
  await browser?.close()
  await log?.close()
  await up?.dispose()
  folder.remove()
})

/** Orders of this moment; resolves when the page has them as ClickHouse does. Their number, and the day's they are in. */
async function sell(count: number): Promise<{ day: string | null; orders: number }> {
  const till: Till = openTill({
    ...{ log, tenant: 'online-retail', currency: 'GBP', at: new Date(nowMs()).toISOString(), sold },
  })
  const before = Number((await readWall(page)).orders)
  await till.sell(count)
  sold = till.sold()
  await waitUntil(
    'the orders',
    AGREED_MS,
    async () => Number((await readWall(page)).orders) >= before + count,
  )
  return agree()
}

async function agree(): Promise<{ day: string | null; orders: number }> {
  const warehouse = runningWarehouse(folder.path)
  const { wall } = await sameAsClickHouse(page, warehouse).finally(() => warehouse.close())
  return { day: wall.day, orders: Number(wall.orders) }
}

/** The page's day is another one, soon behind the moment, and nothing flashed on the way. */
async function turnsInto(day: string, moment: string): Promise<void> {
  turnTo(moment, BEFORE_MS)
  await watchWall(page)
  const wall = await waitUntil(`the day ${day}`, BEFORE_MS + AGREED_MS, async () => {
    const shown = await readWall(page)
    return shown.day === day && shown
  })
  const lateMs = nowMs() - Date.parse(moment)
  const moments = await momentsOf(page)
  console.log(`${day}: shown ${(lateMs / 1_000).toFixed(1)} s behind midnight; ${pathOf(moments, 'phase')}`)
  expect(lateMs).toBeGreaterThanOrEqual(0)
  expect(lateMs).toBeLessThan(MOST_LATE_MS)
  expect(pathOf(moments, 'phase')).toEqual(['live'])
  expect(moments.filter(({ revenue }) => revenue === null)).toEqual([])
  expect(wall).toMatchObject({ phase: 'live', marker: MARKER, orders: '0' })
}

it('turns at midnight, and sells on', async () => {
  turnTo('2024-03-31T00:00:00Z', LONG_BEFORE_MS)
  await waitUntil('the day before', AGREED_MS, async () => (await readWall(page)).day === '2024-03-30')
  expect(await sell(3)).toEqual({ day: '2024-03-30', orders: 3 })
  await turnsInto('2024-03-31', '2024-03-31T00:00:00Z')
  expect(await sell(4)).toEqual({ day: '2024-03-31', orders: 4 })
}, 300_000)

const shownClock = () => page.getByTestId('clock').textContent()
const showsClock = (part: string) =>
  waitUntil(`${part} o’clock`, AGREED_MS, async () => (await shownClock())?.includes(part))

it('goes from one to two o’clock in spring, and ends that day after 23 hours', async () => {
  turnTo('2024-03-31T01:00:00Z', LONG_BEFORE_MS)
  await showsClock('00:5')
  turnTo('2024-03-31T01:00:00Z', 0)
  await showsClock('02:0')
  expect(await sell(2)).toEqual({ day: '2024-03-31', orders: 6 })
  await turnsInto('2024-04-01', '2024-03-31T23:00:00Z')
  expect(await sell(1)).toEqual({ day: '2024-04-01', orders: 1 })
}, 300_000)

it('has one o’clock twice in autumn, and ends that day after 25 hours', async () => {
  turnTo('2024-10-26T23:00:00Z', LONG_BEFORE_MS)
  await waitUntil('another day', AGREED_MS, async () => (await readWall(page)).day === '2024-10-26')
  await turnsInto('2024-10-27', '2024-10-26T23:00:00Z')
  expect(await sell(2)).toEqual({ day: '2024-10-27', orders: 2 })
  turnTo('2024-10-27T01:00:00Z', LONG_BEFORE_MS)
  await showsClock('01:5')
  expect(await sell(1)).toEqual({ day: '2024-10-27', orders: 3 })
  turnTo('2024-10-27T01:00:00Z', 0)
  await showsClock('01:0')
  expect(await sell(1)).toEqual({ day: '2024-10-27', orders: 4 })
  await turnsInto('2024-10-28', '2024-10-28T00:00:00Z')
  expect(await sell(5)).toEqual({ day: '2024-10-28', orders: 5 })
  expect((await readWall(page)).mismatches).toBe(0)
  expect(complaints.take()).toEqual([])
}, 300_000)
