/** A deliberate replay into a new run, beside live traffic; the pointer moves there and back, and processes are killed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../api/app.ts'
import { openWall, type TestWall } from '../../api/testing/open-wall.ts'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { readTotals, type Totals } from '../../clickhouse/queries/read-totals.ts'
import { followShown, type Shown } from '../../clickhouse/runs/follow-shown.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { FIRST_RUN, runOf } from '../../clickhouse/runs/run.ts'
import { dropRun } from '../../commands/change-runs/drop-run.ts'
import { openRun } from '../../commands/change-runs/open-run.ts'
import { switchRun } from '../../commands/change-runs/switch-run.ts'
import { readLag } from '../../commands/run-lag.ts'
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { ProcessorHealthEvent } from '../../core/contracts/processor-health.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { until } from '../faults/until.ts'
import { checkOracle } from '../oracle/check-oracle.ts'
import { readPartition } from '../oracle/read-log.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH, NORTH_SHOP } from '../oracle/shops.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { type RunsProcess, startRunsProcess } from './start-runs-process.ts'

const ORDERS = 240
const OLD_RECORDS = 900
const SESSION_TIMEOUT_MS = 600
const SECOND = runOf(2)

let db: TestEngine
let log: EventLog
let folder: string
let source: SeededSource
let processors: RunsProcess
let shown: Shown
let app: FastifyInstance
let wall: TestWall
beforeAll(async () => {
  db = await startTestEngine({ tenants: [NORTH.id] })
  folder = mkdtempSync(join(tmpdir(), 'revwall-runs-'))
  log = await openEmbeddedLog({ folder, sessionTimeoutMs: SESSION_TIMEOUT_MS })
  for (const { name, partitions, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions: name === 'orders' ? 2 : partitions, retentionMs })
  await migrate(db.warehouse, FIRST_RUN)
  await publishViews(db.warehouse, FIRST_RUN)
  const tenants = new Map([[NORTH.id, NORTH]])
  const context = {
    run: FIRST_RUN.run,
    topic: 'orders',
    incarnation: log.incarnation,
    code: 'v1',
    serverStart: 0,
    tenants,
  }
  const { warehouse } = db
  const { database } = FIRST_RUN
  await openMarks({ warehouse, database, log, context, takeLog: false, now: Date.now() })
  processors = startProcessors()
  source = new SeededSource({ seed: 62, shop: NORTH_SHOP, orders: ORDERS, shuffleWindow: 30, bad: false })
  await sell(OLD_RECORDS)
  shown = await followShown({ warehouse: db.warehouse, clock: systemClock, logger: silentLogger })
  app = createApi({
    ...{ tenants: [NORTH], warehouse: db.warehouse, database: shown.database, log, logger: silentLogger },
    registry: new Registry(),
    health: () => ({ warehouse: 'up', processor: 'running', message: '' }),
    onRunMoved: (listener) => shown.onMove((what) => (what === 'run' ? listener() : undefined)),
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  wall = await openWall(url)
})
afterAll(async () => {
  await app.close()
  await shown.stop()
  await processors.kill()
  await log.close()
  await db.stop()
  rmSync(folder, { recursive: true, force: true })
})

const options = () => ({ warehouse: db.warehouse, log, logger: silentLogger, tenants: [NORTH] })
const lag = async (run: { run: string; database: string }) => {
  const { records } = await readLag(db.warehouse, log, run)
  return records
}

function startProcessors(tenants = [NORTH]): RunsProcess {
  const { url, user, password } = db.engine
  return startRunsProcess({
    login: { url, user, password },
    ...{ logFolder: folder, sessionTimeoutMs: SESSION_TIMEOUT_MS, tenants, maxRecords: 100 },
  })
}

async function sell(records: number): Promise<void> {
  for (let left = records; left > 0 && source.left > 0; left -= 100)
    await source.appendTo(log, source.nextEvents(Math.min(left, 100)))
}

/** As the api reads them: through the pointer, or of one run. */
function totals(database = shown.database): Promise<Totals> {
  const scope = { database, tenant: NORTH.id, axis: 'booked', currency: NORTH.currency } as const
  return readTotals(db.warehouse, { ...scope, from: '2020-01-01', to: '2030-01-01' })
}

describe('a deliberate replay', () => {
  it('is filled beside live traffic, and goes on after kill -9 in its middle', async () => {
    expect(await openRun(options())).toEqual(SECOND)
    await expect(switchRun({ ...options(), maxLagRecords: 100 }, 'r2')).rejects.toMatchObject({
      code: 'RUN_BEHIND',
    })
    const whole = await lag(SECOND)
    await until('a part of it is filled', async () => (await lag(SECOND)) < whole - 150)
    await processors.kill()
    const left = await lag(SECOND)
    expect(left).toBeGreaterThan(0)
    processors = startProcessors()
    const selling = sell(Number.POSITIVE_INFINITY)
    await until('both have caught up', async () => (await lag(FIRST_RUN)) + (await lag(SECOND)) === 0, 90_000)
    await selling
    await answerAll()
    console.log(`killed with ${left} of ${whole} records left`)
  })

  it('is shown by one row: api, wall and v1 views follow, and the totals are the same', async () => {
    await until('both have caught up', async () => (await lag(FIRST_RUN)) + (await lag(SECOND)) === 0)
    const before = await totals()
    await wall.until(({ frames }) => frames.some(({ type }) => type === 'snapshot'))
    const began = performance.now()
    await switchRun(options(), 'r2')
    const switched = performance.now()
    await until('the api follows', () => shown.run()?.run === 'r2')
    console.log(
      `audited and switched in ${Math.round(switched - began)} ms, followed ${Math.round(performance.now() - switched)} ms later`,
    )
    await wall.closed
    const again = await openWall(addressOf(app))
    await again.until(({ frames }) => frames.some(({ type }) => type === 'snapshot'))
    expect(epochOf(again)).not.toBe(epochOf(wall))
    wall = again
    expect(await totals()).toEqual(before)
    expect(await totals()).toEqual(await totals(SECOND.database))
    expect(await viewSource()).toContain(SECOND.database)
    await until('the heartbeats name it', async () => (await lastHeartbeat())?.run === 'r2')
  })

  it('counts nothing twice, in either run', async () => {
    for (const { database } of [FIRST_RUN, SECOND]) {
      const differences = await checkOracle({
        ...{ books: source.books(), log, warehouse: db.warehouse, database, tenants: [NORTH] },
        openDeadLetters: [],
      })
      console.log(`${database}: ${differences.length} differences`)
      expect(differences).toEqual([])
    }
  })

  it('goes back in the same way; the shown run is not dropped, the other one is', async () => {
    await switchRun(options(), 'r1')
    await until('the api follows', () => shown.run()?.run === 'r1')
    expect(await totals()).toEqual(await totals(FIRST_RUN.database))
    expect(await viewSource()).toContain(FIRST_RUN.database)
    await expect(dropRun(options(), 'r1')).rejects.toMatchObject({ code: 'RUN_SHOWN' })
    await dropRun(options(), 'r2')
    expect(await db.warehouse.query('EXISTS DATABASE revwall_r2')).toEqual([{ result: 0 }])
    const { open, highest } = await readRuns(db.warehouse)
    expect([open.map(({ run }) => run), highest]).toEqual([['r1'], 2])
  })

  it('does the past again by other rules: another time zone moves days, and no money is lost', async () => {
    await processors.stop()
    const moved = { ...NORTH, timeZone: 'Asia/Tokyo' }
    processors = startProcessors([moved])
    const third = await openRun({ ...options(), tenants: [moved] })
    await until('it has caught up', async () => (await lag(third)) === 0, 90_000)
    await switchRun(options(), third.run)
    await until('the api follows', () => shown.run()?.run === third.run)
    const [then, now] = [await totals(FIRST_RUN.database), await totals()]
    expect(now.total).toEqual(then.total)
    expect(await daysOf(third.database)).not.toEqual(await daysOf(FIRST_RUN.database))
  })

  it('is refused where the log no longer has its beginning', async () => {
    await log.trim('orders', 0, 1)
    const { first } = await log.bounds('orders', 0)
    if (first === 0) await log.trim('orders', 0, (await log.bounds('orders', 0)).next)
    await expect(openRun(options())).rejects.toMatchObject({ code: 'RUN_LOG_TRIMMED' })
  })
})

/** What the runs asked the source: the same of both, so that each question is answered once. */
async function answerAll(): Promise<void> {
  const asked = new Set<string>()
  for (let fresh = 1; fresh > 0; ) {
    fresh = 0
    await until('both have caught up', async () => (await lag(FIRST_RUN)) + (await lag(SECOND)) === 0, 90_000)
    for await (const { value } of readPartition(log, 'commands', 0)) {
      const command = JSON.parse(Buffer.from(value).toString('utf8')) as RereadOrder
      if (asked.has(command.commandId)) continue
      asked.add(command.commandId)
      fresh += 1
      await source.appendTo(log, source.answer(command) ?? [])
    }
  }
}

const addressOf = (server: FastifyInstance) => {
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  return `http://127.0.0.1:${address.port}`
}

const epochOf = ({ frames }: TestWall) =>
  frames.flatMap((frame) => ('epoch' in frame ? [frame.epoch] : []))[0]

async function lastHeartbeat(): Promise<ProcessorHealthEvent | undefined> {
  const { first, next } = await log.bounds('processor-health', 0)
  const [last] = await log.read('processor-health', 0, Math.max(first, next - 1), {
    maxRecords: 1,
    maxBytes: 1e6,
  })
  return last === undefined ? undefined : JSON.parse(Buffer.from(last.value).toString('utf8'))
}

async function viewSource(): Promise<string> {
  const [row] = await db.warehouse.query<{ select: string }>(
    "SELECT as_select AS select FROM system.tables WHERE database = 'revwall' AND name = 'v1_headline'",
  )
  return row!.select
}

function daysOf(database: string): Promise<unknown[]> {
  return db.warehouse.query(
    `SELECT day, sum(booked_revenue) AS revenue FROM ${database}.headline_v1 GROUP BY day ORDER BY day`,
  )
}
