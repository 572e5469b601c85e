import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import type { Warehouse } from '../warehouse.ts'

let db: TestEngine
let acme: Warehouse
let hyphened: Warehouse

beforeAll(async () => {
  db = await startTestEngine({
    tenants: ['acme', 'online-retail'],
    tables: ['orders', 'totals', 'orders_seen', 'shared.walls'],
    openTables: ['rates'],
  })
  for (const statement of SCHEMA) await db.warehouse.command(statement)
  const [first, second] = db.engine.analysts
  acme = connectWarehouse({ url: db.engine.url, ...first! })
  hyphened = connectWarehouse({ url: db.engine.url, ...second! })
})
afterAll(async () => {
  await Promise.all([acme.close(), hyphened.close()])
  await db.stop()
})

describe('the passwordless local session’s user', () => {
  test.each([
    'SELECT 1',
    'SELECT * FROM system.tables',
    'SELECT * FROM revwall_r1.orders',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    'SYSTEM STOP LISTEN HTTP',
  ])('does not come in over HTTP: %s', async (sql) => {
    const basic = `Basic ${Buffer.from('default:').toString('base64')}`
    const ways: Record<string, string>[] = [
      {},
      { authorization: basic },
      { 'x-clickhouse-user': 'default', 'x-clickhouse-key': '' },
    ]
    for (const headers of ways)
      for (const query of ['', '?user=default', '?user=default&password=']) {
        const response = await fetch(`${db.engine.url}/${query}`, { method: 'POST', body: sql, headers })
        expect([403, 404]).toContain(response.status)
        expect(await response.text()).not.toMatch(/acme|root:/)
      }
    expect(await db.warehouse.query('SELECT 1 AS up')).toEqual([{ up: 1 }])
  })

  test('could do nothing but start the listener even if it did', async () => {
    const grants = await db.warehouse.query<Record<string, string>>('SHOW GRANTS FOR default')
    expect(grants.map((row) => Object.values(row)[0]).sort()).toEqual([
      'GRANT SELECT ON system.numbers TO default',
      'GRANT SYSTEM LISTEN ON *.* TO default',
    ])
  })

  test('is not reached with another user’s login either', async () => {
    const { user, password } = db.engine
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    const headers = { authorization: basic, 'x-clickhouse-user': 'default' }
    const response = await fetch(db.engine.url, { method: 'POST', body: 'SELECT 1', headers })
    expect(response.status).toBe(403)
  })
})

describe('an analyst', () => {
  test.each(['orders', 'totals', 'orders_seen'])('reads its own rows of %s only', async (table) => {
    const sql = `SELECT DISTINCT tenant FROM revwall_r1.${table}`
    expect(await acme.query(sql)).toEqual([{ tenant: 'acme' }])
    expect(await hyphened.query(sql)).toEqual([{ tenant: 'online-retail' }])
    expect(await acme.query(`SELECT count() AS n FROM revwall_r1.${table}`)).toEqual([{ n: '1' }])
  })

  test('reads open tables whole, and its rows of a shared database', async () => {
    expect(await acme.query('SELECT currency FROM revwall_r1.rates')).toEqual([{ currency: 'EUR' }])
    expect(await acme.query('SELECT tenant FROM shared.walls')).toEqual([{ tenant: 'acme' }])
  })

  test('logs in with ClickHouse’s own headers too, and not with a wrong key', async () => {
    const ask = (key: string) =>
      fetch(db.engine.url, {
        method: 'POST',
        body: 'SELECT currentUser()',
        headers: { 'x-clickhouse-user': 'analyst_acme', 'x-clickhouse-key': key },
      })
    expect(await (await ask(db.engine.analysts[0]!.password)).text()).toBe('analyst_acme\n')
    expect((await ask('wrong')).status).toBe(403)
  })

  test.each([
    ['a table that nobody listed', 'SELECT * FROM revwall_r1.secrets', 497],
    ['system tables that count everybody’s rows', 'SELECT * FROM system.parts', 497],
    ['other people’s queries', 'SELECT * FROM system.processes', 497],
    ['files', "SELECT * FROM file('/etc/passwd', 'LineAsString')", 497],
    ['addresses', "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", 497],
    ['other servers', "SELECT * FROM remote('127.0.0.1', revwall_r1.orders)", 497],
    ['other rows through merge()', "SELECT * FROM merge('revwall_r1', '^secrets$')", 636],
    ['keys behind a view', "SELECT * FROM mergeTreeIndex('revwall_r1', 'orders_seen')", 36],
    [
      'generated SQL',
      "SELECT * FROM eval('SELECT 1') SETTINGS allow_experimental_eval_table_function = 1",
      164,
    ],
  ])('cannot read %s', async (_what, sql, code) => {
    await expect(acme.query(sql)).rejects.toMatchObject({ code: `CLICKHOUSE_${code}` })
  })

  test.each([
    ["INSERT INTO revwall_r1.orders VALUES ('acme', 'b', 1)", 497],
    ['DROP TABLE revwall_r1.orders', 497],
    ['ALTER TABLE revwall_r1.orders DELETE WHERE 1', 497],
    ['CREATE TABLE revwall_r1.mine (n UInt8) ENGINE = Memory', 497],
    ['SYSTEM SHUTDOWN', 497],
    ['SYSTEM STOP LISTEN HTTP', 497],
    ["KILL QUERY WHERE user = 'revwall' SYNC", 497],
  ])('cannot do %s', async (sql, code) => {
    await expect(acme.command(sql)).rejects.toMatchObject({ code: `CLICKHOUSE_${code}` })
  })

  test.each([
    ['readonly', 0, 164],
    ['max_threads', 8, 164],
    ['max_memory_usage', 0, 164],
    ['max_execution_time', 0, 452],
    ['max_execution_time', 3_600, 452],
  ])('cannot set %s to %d', async (name, value, code) => {
    const query = acme.query('SELECT 1', { settings: { [name]: value } })
    await expect(query).rejects.toMatchObject({ code: `CLICKHOUSE_${code}` })
  })
})

const SCHEMA = [
  'CREATE DATABASE revwall_r1 ENGINE = Atomic',
  'CREATE DATABASE shared ENGINE = Atomic',
  'CREATE TABLE revwall_r1.orders (tenant String, id String, n UInt64) ENGINE = MergeTree ORDER BY (tenant, id)',
  'CREATE TABLE revwall_r1.sums (tenant String, n UInt64) ENGINE = SummingMergeTree ORDER BY tenant',
  'CREATE MATERIALIZED VIEW revwall_r1.totals TO revwall_r1.sums AS SELECT tenant, n FROM revwall_r1.orders',
  `CREATE VIEW revwall_r1.orders_seen DEFINER = CURRENT_USER SQL SECURITY DEFINER
   AS SELECT * FROM revwall_r1.orders`,
  'CREATE TABLE revwall_r1.secrets (tenant String) ENGINE = MergeTree ORDER BY tenant',
  'CREATE TABLE revwall_r1.rates (currency String) ENGINE = MergeTree ORDER BY currency',
  'CREATE TABLE shared.walls (tenant String) ENGINE = MergeTree ORDER BY tenant',
  "INSERT INTO revwall_r1.orders VALUES ('acme', 'a', 1), ('online-retail', 'secret', 2)",
  "INSERT INTO revwall_r1.secrets VALUES ('acme')",
  "INSERT INTO revwall_r1.rates VALUES ('EUR')",
  "INSERT INTO shared.walls VALUES ('acme'), ('online-retail')",
]
