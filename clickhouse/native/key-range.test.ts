import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { behindKey, upToKey } from './key-range.ts'

const database = 'revwall_r1'
const ROWS = 200_000

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await db.warehouse.command(
    `INSERT INTO ${database}.order_changes (tenant, source, order_id, revision, sign)
     SELECT ['acme', 'zebra'][1 + number % 2], ['erp', 'shop'][1 + intDiv(number, 2) % 2], leftPad(toString(number), 6, '0'), 1, 1
     FROM numbers(${ROWS})`,
  )
})
afterAll(() => db.stop())

const KEYS = [
  { t: '', s: '', o: '' },
  { t: 'acme', s: 'erp', o: '150000' },
  { t: 'acme', s: 'shop', o: '000002' },
  { t: 'zebra', s: 'erp', o: '000001' },
  { t: 'zebra', s: 'shop', o: '999999' },
]

test('ranges are those of the tuple’s order, on either side of a key', async () => {
  for (const params of KEYS) {
    const [row] = await db.warehouse.query(
      `SELECT countIf(${behindKey('t', 's', 'o')}) AS behind, countIf(${upToKey('t', 's', 'o')}) AS upTo,
         countIf((tenant, source, order_id) > ({t:String}, {s:String}, {o:String})) AS tuple
       FROM ${database}.order_changes`,
      { params },
    )
    const { behind, upTo, tuple } = row as Record<string, string>
    expect([behind, Number(behind) + Number(upTo)]).toEqual([tuple, ROWS])
  }
})

test('ranges read what they ask for, not the table from its beginning', async () => {
  const params = { t: 'zebra', s: 'shop', o: '190000', u: 'zebra', v: 'shop', w: '190010' }
  const where = `${behindKey('t', 's', 'o')} AND ${upToKey('u', 'v', 'w')}`
  const plan = await db.warehouse.query<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT order_id FROM ${database}.order_changes WHERE ${where}`,
    { params },
  )
  const [, read, all] = plan
    .map(({ explain }) => /Granules: (\d+)\/(\d+)/.exec(explain))
    .findLast((found) => found !== null)!
  expect(Number(all)).toBeGreaterThan(20)
  expect(Number(read)).toBeLessThanOrEqual(2)
})
