/**
 * What the README promises a stranger: a clone in an empty folder, `npm ci`, `npm start`, and less than five seconds
 * later the first number on the page. What is cloned is the last commit; the working folder is not looked at.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sumToE4 } from '../../core/contracts/money.ts'
import { openBrowser } from '../browser/open-browser.ts'
import { readWall } from '../browser/read-wall.ts'
import { processesOn } from '../cli/process-tree.ts'
import { cleanEnvironment, type RevwallProcess, ROOT, watchProcess } from '../cli/revwall-process.ts'
import { runningWarehouse } from '../cli/running-warehouse.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { waitUntil } from '../cli/wait-until.ts'

const FIRST_NUMBER_MS = 5_000
/** Long enough to be told how slow it was, where it was too slow. */
const PATIENCE_MS = 60_000
/** A machine that does other work at the same moment may miss the first one. */
const ATTEMPTS = 12

const run = promisify(execFile)
const folder = temporaryFolder('clone')
const clone = join(folder.path, 'revwall')
let browser: Browser
let up: RevwallProcess | undefined

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await up?.dispose()
  await browser?.close()
  folder.remove()
})

it('shows a number less than 5 s after `npm start` in a clean clone', async () => {
  const cloneMs = await timed(() => run('git', ['clone', '-q', '--no-hardlinks', ROOT, clone]))
  const env = cleanEnvironment()
  const installMs = await timed(() => run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone, env }))
  console.log(`git clone ${seconds(cloneMs)}, npm ci ${seconds(installMs)}`)
  const firsts: First[] = []
  while (firsts.length < ATTEMPTS && !firsts.some(({ ms }) => ms < FIRST_NUMBER_MS))
    firsts.push(await firstNumber(`data-${firsts.length}`))
  expect(Math.min(...firsts.map(({ ms }) => ms))).toBeLessThan(FIRST_NUMBER_MS)
})

interface First {
  /** From the start of the command to a number on the page. */
  ms: number
  revenue: string
}

/** The address is taken from what the command prints, as a person does; the browser is open already. */
async function firstNumber(name: string): Promise<First> {
  const data = join(clone, name)
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
  const since = performance.now()
  const env = { ...cleanEnvironment(), PORT: '0', REVWALL_DATA: data }
  up = watchProcess('npm', ['start'], { cwd: clone, env })
  try {
    const address = await up.page()
    const addressMs = performance.now() - since
    await page.goto(address)
    const revenue = await waitUntil(
      `a number on the page; so far:\n${up.output()}`,
      PATIENCE_MS,
      async () => {
        const wall = await readWall(page)
        return wall.revenue !== null && sumToE4(wall.revenue) !== 0n && wall.revenue
      },
    )
    const ms = performance.now() - since
    const changes = await changesInClickHouse(data)
    console.log(
      `npm start: address after ${seconds(addressMs)}, first number ${revenue} after ${seconds(ms)}; ` +
        `ClickHouse has ${changes} changes`,
    )
    expect(changes).toBeGreaterThan(0)
    const { ms: endMs } = await up.end('SIGINT')
    await waitUntil('the end of all it started', 10_000, () => processesOn(data).length === 0)
    console.log(`Ctrl-C: all ended after ${seconds(endMs)}`)
    return { ms, revenue }
  } finally {
    await page.close()
    await up.dispose()
  }
}

async function changesInClickHouse(data: string): Promise<number> {
  const warehouse = runningWarehouse(data)
  const rows = await warehouse
    .query<{ n: string }>('SELECT count() AS n FROM revwall_r1.order_changes WHERE sign = 1')
    .finally(() => warehouse.close())
  return Number(rows[0]!.n)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`
