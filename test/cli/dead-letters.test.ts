/** From a refused record to its decision, with the command as people use it. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { findLetters } from '../../processors/dead-letters/find-letters.ts'
import { replayLetters } from '../../processors/dead-letters/replay-letters.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { runRevwall } from './run-revwall.ts'
import { runningWarehouse } from './running-warehouse.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

const folder = temporaryFolder('letters')
const tenantOf = (id: string) => ({ id, name: id, timeZone: 'UTC', currency: 'EUR' })
const BEFORE = { REVWALL_TENANTS: JSON.stringify([tenantOf('acme')]) }
const AFTER = { REVWALL_TENANTS: JSON.stringify([tenantOf('acme'), tenantOf('late')]) }
/** Records that stay wrong: as many as take longer to be replayed than the first takes to be refused again. */
const WRONG = 20
const SETTLE_MS = 30_000
let up: RevwallProcess
let origins: string[] = []

const run = (...args: string[]) =>
  runRevwall(['dead-letters', ...args], { REVWALL_DATA: folder.path, ...AFTER })

async function letters(...args: string[]) {
  const { stdout } = await run('list', '--json', '--decided', ...args)
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

async function ask<T>(sql: string): Promise<T[]> {
  const warehouse = runningWarehouse(folder.path)
  return warehouse.query<T>(sql).finally(() => warehouse.close())
}

const rowsOf = async (order: string) => {
  const rows = await ask<{ s: number }>(
    `SELECT sign AS s FROM revwall_r1.order_changes WHERE order_id = '${order}' AND sign != 0`,
  )
  return rows.map(({ s }) => s)
}

const openOnPage = async () => {
  const answer = await fetch(`${await up.page()}/api/v1/dead-letters?tenant=late`)
  return ((await answer.json()) as { total: number }).total
}

function order(tenant: string, orderId: string, more = {}) {
  const at = '2024-03-01T10:00:00Z'
  const head = { type: 'order', schemaVersion: 1, tenant, source: 'shop', role: 'sale', orderId, version: 1 }
  return { ...head, changedAt: at, placedAt: at, status: 'completed', currency: 'EUR', total: '10', ...more }
}

async function append(...events: object[]): Promise<void> {
  const log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
  const records = events.map((event) => {
    const value = Buffer.from(JSON.stringify(event))
    return { partition: 0, key: 'late/shop/x', value, contentType: 'application/json' as const }
  })
  await log.append('orders', records).finally(() => log.close())
}

const stored = (count: number) =>
  waitUntil(`${count} letters`, SETTLE_MS, async () => {
    const [row] = await ask<{ n: string }>('SELECT count() AS n FROM revwall_r1.dead_letters FINAL')
    return Number(row!.n) === count
  })

async function begin(env: Record<string, string>): Promise<void> {
  await up?.end('SIGTERM')
  up = startRevwall({ args: ['up', '--no-replay'], folder: folder.path, env })
  await up.ready()
}

describe('revwall dead-letters', () => {
  beforeAll(async () => {
    await begin(BEFORE)
    const wrong = Array.from({ length: WRONG }, (_, i) => order('late', `c${i}`, { status: 'shipped' }))
    await append(order('late', 'a'), order('late', 'b'), ...wrong)
    await stored(2 + WRONG)
    // Now what was wrong with the first two is mended; the others stay wrong.
    await begin(AFTER)
    origins = (await letters()).map(({ origin }) => origin)
  })

  afterAll(async () => {
    await up?.dispose()
    folder.remove()
  })

  it('lists and shows them', async () => {
    const all = await run('list')
    console.log(all.stdout.split('\n').slice(0, 3).join('\n'))
    expect(all.stdout.trim().split('\n')).toHaveLength(2 + WRONG)
    expect(all.stdout).toContain('tenant late is not configured')
    expect((await run('show', origins[0]!)).stdout).toContain('"orderId":"a"')
    expect(await openOnPage()).toBe(2 + WRONG)
  })

  it('lets a replayed record land once, and nothing more when it is asked for again', async () => {
    const first = await run('replay', origins[0]!)
    await waitUntil('the order', SETTLE_MS, async () => (await rowsOf('a')).length > 0)
    const second = await run('replay', origins[0]!)
    console.log(`${first.stdout.trim()}\n${second.stdout.trim()}`)
    expect(first).toMatchObject({ code: 0 })
    expect(second).toMatchObject({ code: 0 })
    expect(second.stdout).toContain('was replayed before')
    expect(await rowsOf('a')).toEqual([1])
    expect(await openOnPage()).toBe(1 + WRONG)
  })

  it('repeats without harm what a crash left between the append and the decision', async () => {
    const log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
    const warehouse = runningWarehouse(folder.path)
    const found = await findLetters(warehouse, 'revwall_r1', { origin: origins[1]!, whole: true })
    const crash = () => {
      throw new Error('crash')
    }
    const options = { warehouse, log, clock: systemClock, by: 'test', afterAppend: crash }
    await expect(replayLetters(found, options)).rejects.toThrow('crash')
    await warehouse.close()
    await log.close()
    await waitUntil('the order', SETTLE_MS, async () => (await rowsOf('b')).length > 0)
    expect(await openOnPage()).toBe(1 + WRONG)
    const again = await run('replay', '--all')
    expect(again).toMatchObject({ code: 0 })
    expect(again.stdout.trim().split('\n')).toHaveLength(1 + WRONG)
    // The others were refused again: letters of their own, which name the first.
    await stored(2 + 2 * WRONG)
    expect(await rowsOf('b')).toEqual([1])
    const last = (await letters()).at(-1)
    expect(last).toMatchObject({ state: 'open', replayOf: origins.at(-1), reason: 'invalid' })
    expect(await openOnPage()).toBe(WRONG)
  })

  it('remembers who skipped one, and why', async () => {
    const { origin } = (await letters()).at(-1)
    expect((await run('skip', origin)).stderr).toContain('--why')
    expect(await run('skip', origin, '--why', 'a trial order', '--by', 'ana')).toMatchObject({ code: 0 })
    const [skipped] = (await letters()).filter((letter) => letter.origin === origin)
    expect(skipped).toMatchObject({ state: 'skipped', decidedBy: 'ana', why: 'a trial order' })
    expect(Date.now() - Date.parse(skipped.decidedAt)).toBeLessThan(60_000)
    expect(await openOnPage()).toBe(WRONG - 1)
    expect((await run('list')).stdout).not.toContain(`${origin} `)
  })

  it('says of a line of a file what to do instead', async () => {
    const log = await openEmbeddedLog({ folder: join(folder.path, 'log') })
    const letter = {
      type: 'dead-letter',
      schemaVersion: 1,
      tenant: 'late',
      source: 'shop',
      origin: 'file:x.csv:7',
    }
    const more = {
      reason: 'unreadable',
      detail: 'x',
      at: '2024-03-01T10:00:00Z',
      payload: 'a,b',
      encoding: 'utf8',
    }
    const value = Buffer.from(JSON.stringify({ ...letter, ...more }))
    await log.append('dead-letters', [{ partition: 0, key: 'f', value, contentType: 'application/json' }])
    await log.close()
    await stored(3 + 2 * WRONG)
    const { code, stdout } = await run('replay', '--reason', 'unreadable')
    console.log(stdout.trim())
    expect(code).toBe(1)
    expect(stdout).toMatch(/a line of a file.*send it again.*LETTER_NOT_A_RECORD/)
  })

  it.each([
    [['dance'], 64],
    [['replay'], 64],
    [['replay', 'x', '--all'], 64],
    [['show', 'nothing'], 1],
  ])('refuses %j in one line', async (args, exit) => {
    const { code, stderr } = await run(...args)
    expect(code).toBe(exit)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
