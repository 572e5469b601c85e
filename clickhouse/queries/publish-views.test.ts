import { afterAll, beforeAll, expect, test } from 'vitest'
import { RevwallError } from '../../core/runtime/errors.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { migrate } from '../migrations/migrate.ts'
import { uncommented } from '../migrations/uncommented.ts'
import type { Warehouse } from '../warehouse.ts'
import { publishViews } from './publish-views.ts'
import { fillOthers } from './testing/fill-others.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'
import { V1_VIEWS, v1ViewNames } from './v1-views.ts'

const database = 'revwall_r1'
let db: TestEngine
let acme: Warehouse
let other: Warehouse
beforeAll(async () => {
  db = await startTestEngine({
    tenants: ['acme', 'other'],
    tables: v1ViewNames(),
    viewDatabases: [database, 'revwall_r2'],
  })
  await migrate(db.warehouse, { database })
  await publishViews(db.warehouse, { database })
  await insertChanges(db.warehouse, database, [
    ...['acme', 'other'].flatMap((tenant) => [
      change(tenant, 1, 1, 'pending'),
      change(tenant, -1, 1, 'pending'),
      change(tenant, 1, 2, 'completed'),
    ]),
    {
      partition: 0,
      first: 0,
      last: 5,
      progress: [{ upTo: '2011-11-17T10:00:00Z', polledAt: '2026-01-01T00:00:00Z' }],
    },
  ])
  await fillOthers(db.warehouse, database, ['acme', 'other'])
  acme = connectWarehouse({ url: db.engine.url, ...db.engine.analysts[0]! })
  other = connectWarehouse({ url: db.engine.url, ...db.engine.analysts[1]! })
})
afterAll(async () => {
  await Promise.all([acme.close(), other.close()])
  await db.stop()
})

test.each(V1_VIEWS.map(({ name }) => name))(
  'an analyst sees its own rows of %s, and no mark',
  async (name) => {
    const sql = `SELECT DISTINCT tenant FROM revwall.${name}`
    expect(await acme.query(sql)).toEqual([{ tenant: 'acme' }])
    expect(await other.query(sql)).toEqual([{ tenant: 'other' }])
    expect(await acme.query(`SELECT count() AS n FROM revwall.${name} WHERE tenant = 'other'`)).toEqual([
      { n: '0' },
    ])
  },
)

test('sums are there already, one row a key', async () => {
  const rows = await acme.query('SELECT minute, booked_revenue, booked_orders FROM revwall.v1_headline')
  expect(rows).toEqual([{ minute: '2011-11-17 10:00:00', booked_revenue: '5', booked_orders: '1' }])
  const latest = await acme.query('SELECT order_id, entries, amount FROM revwall.v1_latest_orders')
  expect(latest).toEqual([{ order_id: 'A', entries: '1', amount: '5' }])
})

test('an order is there in its present state only, whatever it is filtered by', async () => {
  expect(await acme.query('SELECT revision, status FROM revwall.v1_orders')).toEqual([
    { revision: 2, status: 'completed' },
  ])
  expect(await acme.query("SELECT 1 FROM revwall.v1_orders WHERE status = 'pending'")).toEqual([])
  expect(await acme.query('SELECT count() AS n FROM revwall.v1_order_changes')).toEqual([{ n: '3' }])
})

test('nobody but the program reads a table, and what is personal is in no view', async () => {
  const { tables, columns } = await readSchema()
  for (const table of tables)
    await expect(acme.query(`SELECT * FROM ${database}.${table} LIMIT 1`)).rejects.toMatchObject({
      code: 'CLICKHOUSE_497',
    })
  const personal = /^(external_customer|name|email|phone|payload)$/
  expect(columns.filter((column) => personal.test(column.split('.')[1]!)).sort()).toEqual([
    'v1_catalogue.name',
    'v1_products.name',
  ])
})

test('on a server that has no such user they run with the rights of whoever asks', async () => {
  const refused: string[] = []
  const foreign: Warehouse = {
    ...db.warehouse,
    command: async (sql) => {
      if (!sql.includes('DEFINER = '))
        return db.warehouse.command(sql.replaceAll('revwall.v1_', 'default.v1_'))
      refused.push(sql)
      throw new RevwallError('CLICKHOUSE_192', 'There is no user `revwall_views`')
    },
  }
  await publishViews(foreign, { database })
  expect(refused).toHaveLength(V1_VIEWS.length)
  const own = await db.warehouse.query<{ statement: string }>('SHOW CREATE VIEW default.v1_headline')
  expect(own[0]!.statement).toContain('SQL SECURITY INVOKER')
})

test('views and their columns have comments', async () => {
  expect(await uncommented(db.warehouse, 'revwall')).toEqual([])
})

test('follow the run that is published', async () => {
  await migrate(db.warehouse, { database: 'revwall_r2' })
  await publishViews(db.warehouse, { database: 'revwall_r2' })
  expect(await db.warehouse.query('SELECT * FROM revwall.v1_headline')).toEqual([])
  await publishViews(db.warehouse, { database })
  expect(await db.warehouse.query('SELECT tenant FROM revwall.v1_headline')).toHaveLength(2)
})

test('a run without tables is refused', async () => {
  await expect(publishViews(db.warehouse, { database: 'revwall_r9' })).rejects.toMatchObject({
    code: 'VIEWS_NO_TABLE',
  })
})

async function readSchema() {
  const names = (sql: string) => db.warehouse.query<{ name: string }>(sql)
  const tables = await names(`SELECT name FROM system.tables WHERE database = '${database}'`)
  const columns = await names(
    "SELECT concat(table, '.', name) AS name FROM system.columns WHERE database = 'revwall'",
  )
  const of = (rows: { name: string }[]) => rows.map(({ name }) => name)
  return { tables: of(tables), columns: of(columns).filter((name) => name.startsWith('v1_')) }
}

function change(tenant: string, sign: 1 | -1, revision: number, status: string): SampleOrder {
  const entries = [{ at: '2011-11-17T10:00:00Z', kind: 'sale' as const, amount: '5' }]
  const lines = [{ sku: 'MUG', name: 'Mug', quantity: '1', amount: '5' }]
  return { tenant, orderId: 'A', sign, revision, status, entries, lines, customer: 'c' }
}
