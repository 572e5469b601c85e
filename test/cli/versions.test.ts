/** Data that another version made: a newer revwall migrates it and every number stays, an older one refuses it. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { makeNewerRevwall, NEWER_STEPS } from './newer-revwall.ts'
import { isRunning } from './process-tree.ts'
import { type RevwallProcess, startRevwall } from './revwall-process.ts'
import { runRevwall } from './run-revwall.ts'
import { runningWarehouse } from './running-warehouse.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { openTill, type Till } from './till.ts'
import { waitUntil } from './wait-until.ts'

const SOLD_BEFORE = 40
const DAY = '2024-03-01'
const ARRIVES_MS = 30_000
const ENV = { REVWALL_INGEST_PORT: '0' }
const totals = z.object({ total: z.object({ revenue: z.string(), orders: z.number() }) })
const audited = z.object({ driftE4: z.string(), totals: z.array(z.object({ orders: z.string() })) })

describe('data of another version', () => {
  const folder = temporaryFolder('versions')
  const [data, other, newer] = ['data', 'other', 'newer'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const running: RevwallProcess[] = []
  let log: EventLog | undefined
  let till: Till

  beforeAll(async () => {
    makeNewerRevwall(newer)
    const up = start(['up', '--no-replay'])
    await up.ready()
    await openTillOn(data, 0)
    await till.sell(SOLD_BEFORE)
    await arrived(up)
    await endAll()
    cpSync(data, other, { recursive: true })
  })
  afterEach(endAll)
  afterAll(async () => {
    for (const each of running) await each.dispose()
    folder.remove()
  })

  function start(args: string[], more: { root?: string; folder?: string } = {}): RevwallProcess {
    const started = startRevwall({ args, folder: data, env: ENV, ...more })
    running.push(started)
    return started
  }

  async function openTillOn(of: string, sold: number): Promise<void> {
    log = await openEmbeddedLog({ folder: join(of, 'log') })
    till = openTill({ log, tenant: 'online-retail', currency: 'GBP', at: `${DAY}T10:00:00Z`, sold })
  }

  async function endAll(): Promise<void> {
    await log?.close()
    log = undefined
    await Promise.all(running.splice(0).map((each) => each.end('SIGTERM')))
  }

  async function arrived(process: RevwallProcess): Promise<void> {
    const should = { orders: till.sold(), revenue: till.revenue() }
    const page = await process.page()
    let last: unknown
    try {
      await waitUntil(`${JSON.stringify(should)} on the page`, ARRIVES_MS, async () => {
        const answer = await fetch(`${page}/api/v1/totals?from=${DAY}&to=${DAY}`)
        last = await answer.json()
        const { data: told } = totals.safeParse(last)
        return told?.total.revenue === should.revenue && told.total.orders === should.orders
      })
    } catch (error) {
      // Without what the processes said, a failure on another machine tells nothing.
      console.log(JSON.stringify(last), ...running.map((each) => each.output()))
      throw error
    }
  }

  /** In one line, that says what to do. */
  async function refused(args: string[]): Promise<void> {
    const { code, stderr } = await runRevwall(args, { REVWALL_DATA: data, ...ENV })
    const last = stderr.trim().split('\n').at(-1)
    expect({ args, code, last }).toEqual({
      args,
      code: 1,
      last: expect.stringMatching(
        /^revwall: .*newer revwall: migration 9001_headline_v2 .*Install the newer version.*\(MIGRATION_NEWER\)$/,
      ),
    })
  }

  it('is migrated by a newer `up`, and every number stays', async () => {
    const up = start(['up', '--no-replay'], { root: newer })
    await arrived(up)
    expect(up.output()).toContain(`migrated: ${NEWER_STEPS} steps`)
    await openTillOn(data, SOLD_BEFORE)
    await till.sell(20)
    await arrived(up)
    const warehouse = runningWarehouse(data)
    const sumOf = (view: string) =>
      warehouse.query(
        `SELECT sum(booked_revenue) AS revenue, sum(booked_orders) AS orders FROM revwall_r1.${view}`,
      )
    const sums = [{ revenue: till.revenue(), orders: String(till.sold()) }]
    // The page reads one of them, and an insert writes one after the other.
    const isWritten = async (view: string) => JSON.stringify(await sumOf(view)) === JSON.stringify(sums)
    for (const view of ['headline_v1', 'headline_v2'])
      await waitUntil(`${view} with all orders`, ARRIVES_MS, () => isWritten(view))
    await warehouse.close()
    const audit = start(['audit', '--json'], { root: newer })
    await waitUntil('the audit', ARRIVES_MS, () => !isRunning(audit.pid))
    const report = audited.parse(JSON.parse(audit.output().slice(audit.output().indexOf('{'))))
    expect(report).toEqual({ driftE4: '0', totals: [{ orders: String(till.sold()) }] })
  })

  it('is refused by an older one, whichever role it is, and stays as it was', async () => {
    await refused(['up', '--no-replay'])
    await refused(['migrate'])
    // Each of them tries to host it.
    await Promise.all([['process'], ['ingest', '--no-replay']].map(refused))
    const roles = [start(['process'], { root: newer }), start(['api'], { root: newer })]
    await arrived(roles[1]!)
    expect(roles.map((role) => role.output()).join('')).not.toContain('migrated')
    // Each of them finds the server of the newer ones.
    await Promise.all([['process'], ['api'], ['ingest', '--no-replay']].map(refused))
  })

  it('is migrated by a newer role that joins older ones, which go on', async () => {
    await openTillOn(other, SOLD_BEFORE)
    start(['process'], { folder: other })
    const api = start(['api'], { folder: other })
    await arrived(api)
    const joined = start(['process'], { folder: other, root: newer })
    await waitUntil('the newer processor', ARRIVES_MS, () => joined.output().includes('process: running'))
    expect(joined.output()).toContain(`migrated: ${NEWER_STEPS} steps`)
    await till.sell(10)
    await arrived(api)
    // It reads the changed view, which was filled while the older ones went on.
    await arrived(start(['api'], { folder: other, root: newer }))
  })
})
