/** Ingest, two processors and an api as processes of their own on one folder: numbers arrive whoever is killed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openWall } from '../../api/testing/open-wall.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { type EventLog, partitionOf } from '../../core/log/event-log.ts'
import { claimOwner } from '../../core/runtime/claim.ts'
import { clickhouseOf, commandLine, isRunning, processesOn } from './process-tree.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { runRevwall } from './run-revwall.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

const PARTITIONS = 4
const ENV = { REVWALL_PARTITIONS: String(PARTITIONS), REVWALL_INGEST_PORT: '0' }
/** A barrier that an audit left open when its server was killed ends by itself after 30 s. */
const TAKEOVER_MS = 60_000
/** 5 s are promised; a machine with ten times more to do than cores is given some more. */
const GONE_MS = 8_000
const folder = temporaryFolder('roles')
const running = new Map<string, RevwallProcess>()
const totals = z.object({ total: z.object({ revenue: z.string(), orders: z.number() }) })
let log: EventLog
let sent = 0

const start = (name: string, args: string[]) =>
  running.set(name, startRevwall({ args, folder: folder.path, env: ENV }))
const processOf = (name: string) => running.get(name)!
const page = () => processOf('api').page()

/** One euro cent more each: 0.01 + 0.02 + … tells a missing order from one that came twice. */
async function sell(count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i) => {
    const orderId = `o-${sent + i + 1}`
    const key = `online-retail/shop/${orderId}`
    const value = Buffer.from(JSON.stringify(orderOf(orderId, sent + i + 1)))
    return { partition: partitionOf(key, PARTITIONS), key, value, contentType: 'application/json' as const }
  })
  await log.append('orders', records)
  sent += count
}

function orderOf(orderId: string, cents: number) {
  const at = '2024-03-01T10:00:00Z'
  return {
    type: 'order',
    schemaVersion: 1,
    tenant: 'online-retail',
    source: 'shop',
    role: 'sale',
    orderId,
    version: 1,
    changedAt: at,
    placedAt: at,
    status: 'completed',
    currency: 'GBP',
    total: (cents / 100).toFixed(2),
  }
}

const expected = () => ((sent * (sent + 1)) / 200).toFixed(2).replace(/\.?0+$/, '')

async function totalOnPage(): Promise<string> {
  const answer = await fetch(`${await page()}/api/v1/totals?from=2024-03-01&to=2024-03-01`)
  const { success, data } = totals.safeParse(await answer.json())
  return success ? `${data.total.orders} orders, ${data.total.revenue}` : `status ${answer.status}`
}

const arrived = () =>
  waitUntil(`${sent} orders, ${expected()} on the page`, TAKEOVER_MS, async () => {
    return (await totalOnPage()) === `${sent} orders, ${expected()}`
  })

/** As a browser hears it, which is told while ClickHouse is away, too. */
async function untilHealth(what: string, withinMs: number): Promise<void> {
  const wall = await openWall(await page(), { tenant: 'online-retail' })
  const told = () => `${wall.tiles.health?.processor} ${wall.tiles.health?.message}`
  try {
    await waitUntil(`"${what}"; told is "${told()}"`, withinMs, () => told().includes(what))
  } finally {
    await wall.close()
  }
}

function hostName(): string {
  const host = claimOwner(folder.path, 'engine')
  return [...running].find(([, { pid }]) => pid === host?.pid)?.[0] ?? ''
}

describe('roles on one folder', () => {
  beforeAll(async () => {
    start('api', ['api'])
    start('process 1', ['process'])
    start('ingest', ['ingest', '--no-replay'])
    start('process 2', ['process'])
    for (const name of ['ingest', 'process 1', 'process 2'])
      await waitUntil(`${name} to run`, TAKEOVER_MS, () => processOf(name).output().includes(': running'))
    log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
  })

  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return
    for (const [name, each] of running) console.log(`${name}:\n${each.output()}`)
  })

  afterAll(async () => {
    await log?.close()
    for (const each of running.values()) await each.dispose()
    folder.remove()
  })

  it('answers whoever watches each of them: alive, ready, metrics', async () => {
    for (const [name, metric] of [
      ['process 1', 'revwall_mark_offset'],
      ['process 2', 'revwall_mark_offset'],
      ['ingest', 'revwall_ingest_requests_total'],
    ] as const) {
      const [, address] = /: running, .* at (http:\/\/[\d.:]+)/.exec(processOf(name).output())!
      const ask = (path: string) => fetch(address + path)
      expect([name, (await ask('/healthz')).status, (await ask('/readyz')).status]).toEqual([name, 200, 200])
      const metrics = await (await ask('/metrics')).text()
      expect(metrics).toContain('process_cpu_seconds_total')
      expect(metrics).toContain(metric)
    }
  })

  it('shows on one page what two processors take', async () => {
    await sell(500)
    await arrived()
    console.log(`${hostName()} hosts; ${await totalOnPage()}`)
    await untilHealth('running', 5_000)
    expect([...running.values()].filter(({ pid }) => clickhouseOf(pid) !== undefined)).toHaveLength(1)
  })

  it('refuses `up` beside them in one line', async () => {
    const { code, stderr } = await runRevwall(['up'], { REVWALL_DATA: folder.path })
    console.log(stderr.trim())
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/in use by the roles .*process \(pid \d+\).*FOLDER_IN_USE/)
  })

  it.each([1, 2])('goes on when the host of ClickHouse is killed (%i)', async () => {
    const host = hostName()
    const clickhouse = await processOf(host).clickhousePid()
    await sell(300)
    await processOf(host).end('SIGKILL')
    await sell(300)
    await waitUntil('another host', TAKEOVER_MS, () => hostName() !== '' && hostName() !== host)
    await waitUntil('the end of the former ClickHouse', TAKEOVER_MS, () => !isRunning(clickhouse))
    const since = performance.now()
    start(host, host === 'ingest' ? ['ingest', '--no-replay'] : [host.split(' ')[0]!])
    await arrived()
    console.log(
      `${host} killed, ${hostName()} hosts; all is there after ${(performance.now() - since).toFixed()} ms`,
    )
  })

  it('says so within five seconds when no processor lives, and takes what came meanwhile', async () => {
    const host = hostName()
    for (const name of ['process 1', 'process 2']) await processOf(name).end('SIGKILL')
    const since = performance.now()
    await untilHealth('processor not running', GONE_MS)
    console.log(`told after ${(performance.now() - since).toFixed()} ms (${host} was the host)`)
    await sell(100)
    start('process 1', ['process'])
    start('process 2', ['process'])
    await arrived()
  })

  it('drifts by nothing in the end', async () => {
    const audit = () => runRevwall(['audit', '--json'], { REVWALL_DATA: folder.path })
    // What a kill left apart is mended behind a barrier, one view after the other.
    await waitUntil('all views mended', 60_000, async () => (await audit()).code === 0)
    const { stdout } = await audit()
    expect(JSON.parse(stdout)).toMatchObject({ driftE4: '0', totals: [{ orders: String(sent) }] })
  })

  it('leaves nothing running after SIGTERM of all, and calls the life of the server whole', async () => {
    const ends = await Promise.all(
      [...running].map(async ([name, each]) => [name, await each.end('SIGTERM')]),
    )
    expect(ends.map(([, end]) => (end as { code: number }).code)).toEqual(ends.map(() => 0))
    const left = processesOn(folder.path).map((pid) => `${pid} ${commandLine(pid)}`)
    expect(left).toEqual([])
    const texts = [...running.values()].map((each) => each.output()).join('')
    expect(texts).not.toContain('not recorded as clean')
    expect(readFileSync(join(folder.path, 'clickhouse', 'clean-stop'), 'utf8')).toBe('')
  })

  it('is refused beside `up`', async () => {
    start('up', ['up', '--no-replay'])
    await processOf('up').page()
    expect(processOf('up').output()).not.toContain('all views are audited')
    for (const role of ['ingest', 'process', 'api']) {
      const { code, stderr } = await runRevwall([role], { REVWALL_DATA: folder.path, ...ENV })
      expect(code).toBe(1)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toContain(`in use by another revwall (pid ${processOf('up').pid}) at http`)
    }
    expect((await processOf('up').end('SIGTERM')).code).toBe(0)
  })
})
