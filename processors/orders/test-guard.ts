/**
 * The self-test of the guard, at every start: all exactness stands on it, and a ClickHouse that treats it otherwise
 * (another version, a proxy, a setting) must be noticed before the first order. Tried on tables of its own, so that neither
 * marks nor barriers of the real ones matter.
 */

import { encodeRows } from '../../clickhouse/native/encode-rows.ts'
import { guardedInsert } from '../../clickhouse/native/guarded-insert.ts'
import { ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { markRow } from './mark-row.ts'

const TOPIC = 'guard-self-test'

/** Throws `GUARD_BROKEN`. Takes about 50 ms. */
export async function testGuard(warehouse: Warehouse, database: string, nonce: string): Promise<void> {
  const table = `guard_self_test_${nonce}`
  const barriers = `${table}_barriers`
  const comment = "COMMENT 'Self-test of the guard; dropped when it is done.'"
  await warehouse.command(`CREATE TABLE ${database}.${table} AS ${database}.order_changes ${comment}`)
  await warehouse.command(
    `CREATE TABLE ${database}.${barriers} (id String COMMENT 'Barrier') ENGINE = Memory ${comment}`,
  )
  try {
    const attempt = (mark: number, first: number, last: number) =>
      insert({ warehouse, database, table, barriers, nonce, mark, first, last })
    await mustPass('an insert on the right mark', attempt(-9, 0, -1))
    await mustPass('an insert on the next mark', attempt(-1, 0, 4))
    await mustFail('an insert on an old mark', attempt(-1, 0, 4))
    await mustFail('an insert on a mark that does not exist', attempt(9, 10, 12))
    await warehouse.command(`INSERT INTO ${database}.${barriers} VALUES ('b')`)
    await mustFail('an insert while a barrier is open', attempt(4, 5, 9))
    await mustHold(warehouse, database, table)
  } finally {
    for (const name of [table, barriers])
      await warehouse.command(`DROP TABLE IF EXISTS ${database}.${name} SYNC`)
  }
}

interface Attempt {
  warehouse: Warehouse
  database: string
  table: string
  barriers: string
  nonce: string
  mark: number
  first: number
  last: number
}

async function insert(attempt: Attempt): Promise<void> {
  const { warehouse, database, table, barriers, nonce, mark, first, last } = attempt
  const context: BatchContext = {
    run: `self-test-${nonce}`,
    topic: TOPIC,
    partition: 0,
    incarnation: nonce,
    code: '',
    serverStart: 0,
    tenants: new Map(),
  }
  const row = markRow(
    { first, last, rows: 0, hash: '', mark: { first, last, progress: new Map() } },
    { takenAt: 0 },
    context,
  )
  const { sql, body, ...rest } = guardedInsert({
    database,
    table,
    barriers,
    run: context.run,
    topic: TOPIC,
    partition: 0,
    lastMarkFirst: 0,
    mark,
    body: encodeRows(ORDER_CHANGES_COLUMNS, [row]).body,
  })
  await warehouse.insert(sql, body, rest)
}

async function mustPass(what: string, attempt: Promise<void>): Promise<void> {
  try {
    await attempt
  } catch (cause) {
    throw broken(`${what} was refused: ${errorMessage(cause)}`, cause)
  }
}

async function mustFail(what: string, attempt: Promise<void>): Promise<void> {
  const refused = await attempt.then(
    () => false,
    () => true,
  )
  if (!refused) throw broken(`${what} was not refused`)
}

async function mustHold(warehouse: Warehouse, database: string, table: string): Promise<void> {
  const [row] = await warehouse.query<{ rows: string }>(`SELECT count() AS rows FROM ${database}.${table}`)
  if (Number(row!.rows) !== 2) throw broken(`two inserts were acknowledged, ${row!.rows} rows are there`)
}

function broken(what: string, cause?: unknown): RevwallError {
  return new RevwallError(
    'GUARD_BROKEN',
    `The self-test of the insert guard failed: ${what}. Numbers could not be kept exact on this ClickHouse; use version 26.7 or tell us.`,
    { cause },
  )
}
