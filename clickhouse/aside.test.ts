import { getPriority } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PRIORITY } from '../core/runtime/priority.ts'
import { startTestEngine, type TestEngine } from '../test/with-engine.ts'
import { asideOf } from './aside.ts'
import { connectWarehouse } from './connect-warehouse.ts'
import { shardedWarehouse, shardsOf } from './shards.ts'
import type { Warehouse } from './warehouse.ts'

const OF_QUERY = "getSetting('os_threads_nice_value_query')"
const OF_VIEWS = "getSetting('os_threads_nice_value_materialized_view')"
const { orders: ORDERS, analytics: LAST } = PRIORITY

let db: TestEngine
let aside: Warehouse
beforeAll(async () => {
  db = await startTestEngine()
  aside = asideOf(db.warehouse)
  await db.warehouse.command('CREATE TABLE nice (how Int32) ENGINE = MergeTree ORDER BY how')
})
afterAll(() => db.stop())

const SQL = `SELECT toInt32(${OF_QUERY}) AS query, toInt32(${OF_VIEWS}) AS views`
const stored = async () =>
  (await db.warehouse.query<{ how: number }>('SELECT how FROM nice')).map(({ how }) => how)

test('what is asked aside comes last, on a server that is asked by others as before', async () => {
  expect(await db.warehouse.query(SQL)).toEqual([{ query: ORDERS, views: ORDERS }])
  expect(await aside.query(SQL)).toEqual([{ query: LAST, views: LAST }])
})

test('or at the priority that is said', async () => {
  const { segments } = PRIORITY
  const several = asideOf(shardedWarehouse([db.warehouse, db.warehouse]), segments)
  for (const one of [several, ...shardsOf(several)])
    expect(await one.query(SQL)).toEqual([{ query: segments, views: segments }])
})

test('settings of a statement stay, and go before', async () => {
  const settings = { os_threads_nice_value_query: 7, max_threads: 1 }
  expect(await aside.query(SQL, { settings })).toEqual([{ query: 7, views: LAST }])
})

test('rows of a stream, of a command and of an insert too', async () => {
  const read: Uint8Array[] = []
  for await (const chunk of aside.stream(`SELECT toUInt8(${OF_QUERY})`)) read.push(chunk)
  expect(Buffer.concat(read)).toEqual(Buffer.from([LAST]))
  await aside.command(`INSERT INTO nice SELECT ${OF_QUERY}`)
  expect(await stored()).toEqual([LAST])
  await db.warehouse.command('TRUNCATE TABLE nice')
  const sql = `INSERT INTO nice SELECT n + ${OF_QUERY} FROM input('n Int32') FORMAT CSV`
  await aside.insert(sql, Buffer.from('1\n'), { queryId: 'aside:1' })
  expect(await stored()).toEqual([LAST + 1])
})

test('each of several servers is asked so', async () => {
  const several = asideOf(shardedWarehouse([db.warehouse, db.warehouse]))
  expect(shardsOf(several)).toHaveLength(2)
  for (const one of [several, ...shardsOf(several)])
    expect(await one.query(SQL)).toEqual([{ query: LAST, views: LAST }])
})

test('analysts come behind orders, and cannot say otherwise', async () => {
  const { user, password } = db.engine.analysts[0]!
  const analyst = connectWarehouse({ url: db.engine.url, user, password })
  try {
    const { analysts } = PRIORITY
    expect(analysts).toBeGreaterThan(ORDERS)
    expect(await analyst.query(SQL)).toEqual([{ query: analysts, views: analysts }])
    const settings = { os_threads_nice_value_query: 0 }
    await expect(analyst.query(SQL, { settings })).rejects.toThrow(/readonly/i)
  } finally {
    await analyst.close()
  }
})

test.runIf(process.platform === 'linux')('the server itself gives way to what people look at', () => {
  expect(getPriority(db.engine.pid)).toBe(ORDERS)
})
