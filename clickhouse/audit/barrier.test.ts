import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { TestEngine } from '../../test/with-engine.ts'
import type { Warehouse } from '../warehouse.ts'
import { waitForOthers, withBarrier } from './barrier.ts'
import { insertDifference } from './insert-difference.ts'
import { contextOf, injectRow, startSeededEngine, viewNamed } from './testing/seed-views.ts'
import { DATABASE, writeBatch } from './testing/write-batch.ts'

let db: TestEngine
let first = 9
beforeAll(async () => {
  db = await startSeededEngine()
})
afterAll(() => db.stop())

const write = async () => {
  await writeBatch(db.warehouse, { first, orders: [{ id: `o${first}` }] })
  first++
}
const options = (warehouse = db.warehouse) => ({ ...contextOf(warehouse), owner: 'test' })
const sleep = (ms: number) => systemClock.sleep(ms)
const openBarriers = () => db.warehouse.query(`SELECT id FROM ${DATABASE}.open_barriers`)

test('a guarded insert waits until it is closed', async () => {
  await withBarrier(options(), async (barrier) => {
    await expect(write()).rejects.toMatchObject({ code: 'CLICKHOUSE_395' })
    await expect(write()).rejects.toThrow("'barrier'")
    await barrier.requireHeld()
  })
  await write()
})

test('is closed when its task fails, whose error comes through', async () => {
  const failed = withBarrier(options(), () => Promise.reject(new Error('mine')))
  await expect(failed).rejects.toThrow('mine')
  await write()
})

test('waits for an insert that had read its guard before', async () => {
  const slow = db.warehouse.command(
    `INSERT INTO ${DATABASE}.dead_letters (detail, offset) SELECT toString(sleepEachRow(0.4)), number FROM numbers(2)`,
    { queryId: 'r1:3:0', settings: { max_block_size: 1 } },
  )
  let ended = false
  const slowEnded = slow.then(() => {
    ended = true
  })
  await expect
    .poll(() => db.warehouse.query(`SELECT 1 FROM system.processes WHERE query_id = 'r1:3:0'`))
    .toHaveLength(1)
  await withBarrier(options(), async () => expect(ended).toBe(true))
  await slowEnded
})

test('the inserts of a moment are waited for, and none that begins later', async () => {
  const slow = (queryId: string, rows: number) =>
    db.warehouse.command(
      `INSERT INTO ${DATABASE}.dead_letters (detail, offset) SELECT toString(sleepEachRow(0.5)), number FROM numbers(${rows})`,
      { queryId, settings: { max_block_size: 1 } },
    )
  const running = (id: string) =>
    expect
      .poll(() =>
        db.warehouse.query(`SELECT 1 FROM system.processes WHERE query_id = {id:String}`, { params: { id } }),
      )
      .toHaveLength(1)
  const ended: string[] = []
  const first = slow('r1:3:0', 3).then(() => ended.push('first'))
  await running('r1:3:0')
  const waited = waitForOthers(options(), 'test').then(() => ended.push('waited'))
  await sleep(200)
  const second = slow('r1:3:1', 5).then(() => ended.push('second'))
  await running('r1:3:1')
  await Promise.all([first, waited, second])
  expect(ended.indexOf('waited')).toBe(1)
})

test('gives way when an insert does not end', async () => {
  const slow = db.warehouse.command(
    `INSERT INTO ${DATABASE}.dead_letters (detail) SELECT toString(sleep(1))`,
    {
      queryId: 'r1:3:0',
    },
  )
  await expect
    .poll(() => db.warehouse.query(`SELECT 1 FROM system.processes WHERE query_id = 'r1:3:0'`))
    .toHaveLength(1)
  let now = 0
  const clock = { ...systemClock, now: () => 10_000 * now++ }
  const busy = withBarrier({ ...options(), clock }, async () => {})
  await expect(busy).rejects.toMatchObject({ code: 'BARRIER_BUSY' })
  await expect(busy).rejects.toThrow('r1:3:0')
  expect(await openBarriers()).toEqual([])
  await slow
})

test('ends by itself, and its owner may not write any more', async () => {
  const view = await viewNamed(db.warehouse, 'headline_v1')
  await injectRow(db.warehouse, 'headline_v1', {
    tenant: "'acme'",
    day: "'2011-12-08'",
    booked_revenue: '0.01',
  })
  await withBarrier({ ...options(), expiresAfterMs: 400 }, async (barrier) => {
    const insert = (maxSeconds: number) =>
      insertDifference({ ...options(), view, scope: 'all', barrier, maxSeconds })
    // Too little of it is left for a repair of a second.
    await expect(insert(0)).rejects.toMatchObject({ code: 'BARRIER_LOST' })
    await sleep(450)
    await write()
    await expect(barrier.requireHeld()).rejects.toMatchObject({ code: 'BARRIER_LOST' })
    await expect(insert(0)).rejects.toMatchObject({ code: 'BARRIER_LOST' })
  })
})

test('many owners have it one after the other, or not at all', async () => {
  let inside = 0
  let most = 0
  const own = () =>
    withBarrier(options(), async () => {
      most = Math.max(most, ++inside)
      await sleep(20)
      inside--
    })
  const ends = await Promise.allSettled(Array.from({ length: 6 }, own))
  expect(most).toBe(1)
  expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
  for (const end of ends)
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'BARRIER_BUSY' })
  expect(await openBarriers()).toEqual([])
})

/** Its time goes on when somebody sleeps, and only then. */
function jumpingClock() {
  let now = 0
  const sleep = async (ms: number) => {
    now += ms
  }
  return { ...systemClock, now: () => now, sleep }
}

test('is closed by a server that is away for as long as a takeover takes', async () => {
  const clock = jumpingClock()
  let tries = 0
  const warehouse: Warehouse = {
    ...db.warehouse,
    command: async (sql, more) => {
      if (sql.includes('-1') && clock.now() < 14_000 && ++tries > 0)
        throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'the host is gone')
      await db.warehouse.command(sql, more)
    },
  }
  await withBarrier({ ...options(warehouse), clock }, async () => {})
  expect(await openBarriers()).toEqual([])
  expect(tries).toBeGreaterThan(20)
})

test('is not closed for ever: its end comes by itself', async () => {
  const clock = jumpingClock()
  const warehouse: Warehouse = {
    ...db.warehouse,
    command: async (sql, more) => {
      if (sql.includes('-1')) throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'the host is gone')
      await db.warehouse.command(sql, more)
    },
  }
  const left = withBarrier({ ...options(warehouse), clock, expiresAfterMs: 300 }, async () => {})
  await expect(left).rejects.toThrow('the host is gone')
  expect(clock.now()).toBeLessThan(16_000)
  await sleep(350)
  expect(await openBarriers()).toEqual([])
})

test('an opening whose answer was lost is closed again', async () => {
  let lost = 0
  const warehouse: Warehouse = {
    ...db.warehouse,
    command: async (sql, more) => {
      await db.warehouse.command(sql, more)
      if (sql.includes('barriers') && lost++ === 0) throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'lost')
    },
  }
  await expect(withBarrier(options(warehouse), async () => {})).rejects.toThrow('lost')
  expect(await openBarriers()).toEqual([])
})
