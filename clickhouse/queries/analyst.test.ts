/** What an analyst tries: to see another tenant, to write, to leave the server, to stay for ever. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { CHANGEABLE } from '../engine/analyst-profile.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Warehouse } from '../warehouse.ts'
import { publishViews } from './publish-views.ts'
import { fillOthers } from './testing/fill-others.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'
import { V1_VIEWS, v1ViewNames } from './v1-views.ts'

const database = 'revwall_r1'
/** Stands in every row of the other tenant and in no attack: where it shows, something leaked. */
const SECRET = 'zebra'
const limits = { executionSeconds: 1, memoryBytes: 200_000_000, resultRows: 5_000 }

let db: TestEngine
let acme: Warehouse
beforeAll(async () => {
  db = await startTestEngine({
    tenants: ['acme', SECRET],
    tables: v1ViewNames(),
    viewDatabases: [database],
    analystLimits: limits,
  })
  await migrate(db.warehouse, { database })
  await publishViews(db.warehouse, { database })
  await insertChanges(db.warehouse, database, [sale('acme', '12.5'), sale(SECRET, '777.77')])
  await fillOthers(db.warehouse, database, ['acme', SECRET])
  acme = connectWarehouse({ url: db.engine.url, ...db.engine.analysts[0]! })
})
afterAll(async () => {
  await acme?.close()
  await db?.stop()
})

function sale(tenant: string, amount: string): SampleOrder {
  const line = { sku: `${tenant}-mug`, name: `${tenant} mug`, quantity: '1', amount }
  const entries = [{ at: '2011-11-17T10:00:00Z', kind: 'sale' as const, amount }]
  return { tenant, orderId: `${tenant}-1`, entries, lines: [line], customer: `${tenant}-c`, country: tenant }
}

/** Everything that the analyst gets to see of it. */
async function told(sql: string): Promise<string> {
  return acme
    .query(sql)
    .then(JSON.stringify, (error: unknown) => `${errorCode(error)} ${errorMessage(error)}`)
}

const codeOf = (sql: string) => acme.query(sql).then(() => 'answered', errorCode)

describe.each(V1_VIEWS.map(({ name }) => `revwall.${name}`))('in %s nobody else is seen', (view) => {
  test('by conditions, joins, sets, arrays and totals', async () => {
    const attacks = [
      `SELECT * FROM ${view}`,
      `SELECT * FROM ${view} WHERE tenant != 'acme' OR 1`,
      `SELECT a.tenant, b.tenant FROM ${view} AS a CROSS JOIN ${view} AS b`,
      `SELECT count() FROM ${view} AS a JOIN ${view} AS b ON a.tenant != b.tenant`,
      `SELECT groupUniqArray(tenant), uniqExact(tenant) FROM (SELECT * FROM ${view} UNION ALL SELECT * FROM ${view})`,
      `SELECT tenant, count() FROM ${view} GROUP BY tenant WITH TOTALS`,
      `SELECT tenant, count() FROM ${view} GROUP BY ROLLUP(tenant)`,
      `SELECT 1 WHERE (SELECT min(tenant != 'acme') FROM ${view})`,
      `SELECT * FROM ${view} WHERE tenant IN (SELECT tenant FROM ${view} WHERE tenant != 'acme')`,
      `SELECT arrayFilter(t -> t != 'acme', groupArray(tenant)) FROM ${view}`,
      `SELECT tenant FROM merge('revwall', '^${view.slice('revwall.'.length)}$')`,
      `SELECT toUInt64(tenant) FROM ${view}`,
      `SELECT arrayElement([1], throwIf(1, tenant)) FROM ${view}`,
      `SELECT joinGet('${view}', 'tenant', 'x')`,
      `EXPLAIN actions = 1, indexes = 1 SELECT * FROM ${view}`,
    ]
    for (const sql of attacks)
      expect([sql, await told(sql)]).toEqual([sql, expect.not.stringContaining(SECRET)])
    expect(await acme.query(`SELECT uniqExact(tenant) AS n FROM ${view}`)).toEqual([{ n: '1' }])
  })

  test('by an error that would only come of others’ rows', async () => {
    const traps = [
      "throwIf(tenant != 'acme') = 0",
      "1 % (tenant = 'acme') = 0",
      "intDiv(1, toUInt8(tenant = 'acme')) = 1",
      "toUInt8(if(tenant = 'acme', '1', 'x')) = 1",
      "NOT throwIf(tenant != 'acme') OR tenant = 'x'",
    ]
    for (const trap of traps)
      for (const ask of [`WHERE ${trap}`, `HAVING ${trap}`, `ORDER BY ${trap}`, `LIMIT 1 BY ${trap}`])
        expect([ask, await codeOf(`SELECT tenant FROM ${view} ${ask}`)]).toEqual([ask, 'answered'])
  })

  test('because the table behind it is filtered before anything else', async () => {
    const plan = await told(`EXPLAIN actions = 1 SELECT * FROM ${view}`)
    expect(plan).toMatch(/Row level filter column: +\(tenant = 'acme' OR 0\)/)
    // With the one setting that defeats a filter on the view, which only the program may change.
    const rows = await db.warehouse.query(`SELECT tenant FROM ${view} WHERE throwIf(tenant != 'acme') = 0`, {
      settings: { query_cache_tag: 'acme', short_circuit_function_evaluation: 'disable' },
    })
    expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(new Set(['{"tenant":"acme"}']))
  })
})

describe('an analyst cannot leave', () => {
  const READ = 'CLICKHOUSE_497'
  test.each([
    ["file('/etc/passwd', 'LineAsString')", READ],
    ["filesystem('/')", READ],
    ['"/etc/passwd"', READ],
    ["url('http://127.0.0.1:1/', 'LineAsString')", READ],
    ["s3('http://127.0.0.1:1/bucket/x', 'LineAsString')", READ],
    ["gcs('http://127.0.0.1:1/bucket/x', 'LineAsString')", READ],
    ["hdfs('hdfs://127.0.0.1:1/x', 'LineAsString')", READ],
    ["azureBlobStorage('x', 'y', 'z')", READ],
    ["deltaLakeLocal('/etc')", READ],
    ["icebergLocal('/etc')", READ],
    ["paimonLocal('/etc')", READ],
    ["remote('127.0.0.1', system.one)", READ],
    ["remoteSecure('127.0.0.1', system.one)", READ],
    ["mysql('127.0.0.1:1', 'd', 't', 'u', 'p')", READ],
    ["postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')", READ],
    ["mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a String')", READ],
    ["redis('127.0.0.1:1', 'a', 'a String')", READ],
    ["sqlite('/tmp/x.db', 't')", READ],
    ["odbc('DSN=x', 't')", READ],
    ["jdbc('x', 't')", READ],
    ["ytsaurus('http://127.0.0.1:1', 'x', 'y', 'a String')", READ],
    ["executable('x.sh', 'LineAsString', 'a String')", READ],
    ["dictionary('d')", READ],
    ["format('LineAsString', 'x')", READ],
    ["loop('revwall_r1', 'orders')", READ],
    [`mergeTreeIndex('${database}', 'headline_v1')`, READ],
    [`mergeTreeIndex('${database}', 'order_changes')`, READ],
    [`mergeTreeAnalyzeIndexes('${database}', 'headline_v1')`, READ],
    ["mergeTreeIndex('revwall', 'v1_headline')", 'CLICKHOUSE_36'],
    [`mergeTreeProjection('${database}', 'headline_v1', 'p')`, 'CLICKHOUSE_582'],
    [`merge('${database}', '.*')`, 'CLICKHOUSE_636'],
    ["python('x')", 'CLICKHOUSE_46'],
    ["cluster('default', system.one)", 'CLICKHOUSE_701'],
    ["eval('SELECT 1')", 'CLICKHOUSE_344'],
    [`${database}.order_changes`, READ],
    ['system.processes', READ],
    ['system.users', READ],
    ['system.parts', READ],
    ['information_schema.tables', READ],
  ])('through FROM %s', async (from, code) => {
    expect(await codeOf(`SELECT * FROM ${from}`)).toBe(code)
  })

  test.each([
    "SELECT file('/etc/passwd')",
    "SELECT file('/etc/passwd', 'none')",
    "SELECT arrayMap(f -> file(f), ['/etc/passwd'])",
    "SELECT arrayMap(file, ['/etc/passwd'])",
    "WITH (f -> file(f)) AS read SELECT read('/etc/passwd')",
    "SELECT `file`('/etc/passwd') SETTINGS http_response_buffer_size = 0",
    "SELECT 1 WHERE file('/etc/passwd') != 'x'",
    "SELECT * FROM numbers(length(file('/etc/passwd')))",
    "SELECT * FROM values('x String', (file('/etc/passwd')))",
    "SELECT 1 LIMIT length(file('/etc/passwd'))",
    "DESCRIBE file('/etc/passwd', 'LineAsString')",
    "SELECT 1 FORMAT Template SETTINGS format_template_row = '/etc/passwd'",
    "SELECT 1 FORMAT Protobuf SETTINGS format_schema = '/etc/passwd:x'",
    "SELECT 1 FORMAT Protobuf SETTINGS output_format_schema = '/tmp/x'",
    "SELECT 1 INTO OUTFILE '/tmp/revwall-analyst'",
    "SELECT catboostEvaluate('/etc/passwd', 1)",
    "SELECT getClientHTTPHeader('Authorization')",
    "SELECT aiGenerate('x', 'y')",
    "SELECT dictGet('d', 'a', 1)",
    `SELECT hasColumnInTable('${database}', 'customers', 'email')`,
    'SHOW PROCESSLIST',
    'SHOW USERS',
    'SHOW GRANTS FOR revwall',
    'SHOW CREATE USER revwall',
    `SHOW CREATE TABLE ${database}.customers`,
    `DESCRIBE ${database}.customers`,
    `CHECK TABLE ${database}.order_changes`,
  ])('with %s', async (sql) => {
    const response = await fetch(db.engine.url, { method: 'POST', body: sql, headers: headersOf() })
    expect([response.status, await response.text()]).toEqual([
      expect.not.stringContaining('200'),
      expect.not.stringMatching(/root:/),
    ])
    expect(response.ok).toBe(false)
  })

  test.each([
    'INSERT INTO revwall.v1_headline SELECT * FROM revwall.v1_headline',
    `INSERT INTO ${database}.order_changes (tenant) VALUES ('acme')`,
    "INSERT INTO FUNCTION file('x.csv') SELECT 1",
    "INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'CSV', 'a UInt8') SELECT 1",
    'CREATE TABLE revwall.mine (n UInt8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE mine (n UInt8)',
    'CREATE VIEW revwall.mine AS SELECT 1',
    'CREATE OR REPLACE VIEW revwall.v1_headline AS SELECT 1',
    'CREATE DATABASE mine',
    'CREATE FUNCTION mine AS () -> 1',
    'CREATE USER mine',
    'CREATE NAMED COLLECTION mine AS a = 1',
    'DROP VIEW revwall.v1_headline',
    'DROP FUNCTION file',
    `DROP DATABASE ${database}`,
    'RENAME TABLE revwall.v1_headline TO revwall.mine',
    `ALTER TABLE ${database}.customers UPDATE name = 'x' WHERE 1`,
    `ALTER TABLE ${database}.customers ADD COLUMN n UInt8`,
    `TRUNCATE TABLE ${database}.order_changes`,
    `DELETE FROM ${database}.order_changes WHERE 1`,
    `OPTIMIZE TABLE ${database}.order_changes`,
    `DETACH TABLE ${database}.order_changes`,
    `BACKUP TABLE ${database}.customers TO File('x')`,
    'SYSTEM FLUSH LOGS',
    'SYSTEM DROP MARK CACHE',
    'SYSTEM RELOAD CONFIG',
    'SYSTEM SHUTDOWN',
    'SYSTEM STOP LISTEN HTTP',
    'KILL QUERY WHERE 1',
    'KILL MUTATION WHERE 1',
    'GRANT ALL ON *.* TO analyst_acme',
    'EXECUTE AS revwall SELECT 1',
    'SET readonly = 0',
    'SET max_threads = 4',
    "SET short_circuit_function_evaluation = 'disable'",
    'SET enable_analyzer = 0',
    `SET query_cache_tag = '${SECRET}'`,
    "SET query_cache_tag = '*'",
    "SET additional_table_filters = {'x': '1'}",
  ])('nor change anything: %s', async (sql) => {
    await expect(acme.command(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^CLICKHOUSE_\d+$/) })
  })

  test('and every way of this server out of it was looked at', async () => {
    const rows = await db.warehouse.query<{ name: string }>('SELECT name FROM system.table_functions')
    const unknown = rows.map(({ name }) => name).filter((name) => !HARMLESS.has(name) && !REFUSED.test(name))
    expect(unknown).toEqual([])
  })

  test('settings can be changed that are on the list, and no other', async () => {
    const rows = await acme.query<{ name: string }>('SELECT name FROM system.settings WHERE readonly = 0')
    const allowed = [...CHANGEABLE, 'max_execution_time', 'max_result_rows'].sort()
    expect(rows.map(({ name }) => name).sort()).toEqual(allowed)
  })

  test('system tables tell of nobody: the few that answer are about the server or about what is granted', async () => {
    const rows = await db.warehouse.query<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'system' ORDER BY name",
    )
    const answering: string[] = []
    const telling: string[] = []
    for (const { name } of rows) {
      const answer = await told(`SELECT * FROM system.\`${name}\` LIMIT 2000`)
      if (answer.includes(SECRET)) telling.push(name)
      if (!answer.startsWith('CLICKHOUSE_')) answering.push(name)
    }
    expect(telling).toEqual([])
    expect(answering.filter((name) => !SYSTEM_TABLES.has(name))).toEqual([])
    expect(
      await acme.query("SELECT DISTINCT database FROM system.columns WHERE database != 'system'"),
    ).toEqual([{ database: 'revwall' }])
  })
})

describe('a query that is too much', () => {
  test.each([
    ['time', 'SELECT count() FROM numbers(1e12)', 159, /Timeout exceeded/],
    ['time, asleep', 'SELECT sleepEachRow(1) FROM numbers(100) SETTINGS max_block_size = 1', 159, /Timeout/],
    ['memory', 'SELECT length(range(100000000))', 241, /memory limit exceeded/i],
    ['an answer', 'SELECT number FROM numbers(10000)', 396, /Limit for result exceeded/],
    ['text', `SELECT '${'x'.repeat(300_000)}'`, 62, /Max query size exceeded/],
    ['elements', `SELECT ${Array.from({ length: 60_000 }, () => '1').join('+')}`, undefined, /./],
    ['brackets', `SELECT ${'('.repeat(5_000)}1${')'.repeat(5_000)}`, undefined, /./],
  ])('of %s is ended, and says why', async (_what, sql, code, why) => {
    const error = await acme.query(sql).catch((thrown: unknown) => thrown)
    expect(errorCode(error)).toMatch(
      code === undefined ? /^CLICKHOUSE_\d+$/ : new RegExp(`^CLICKHOUSE_${code}$`),
    )
    expect(errorMessage(error)).toMatch(why)
  })

  test('too many at once are refused, and the program goes on', async () => {
    const all = Array.from({ length: 12 }, () => codeOf('SELECT count() FROM numbers(1e12)'))
    expect(await db.warehouse.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(new Set(await Promise.all(all))).toEqual(new Set(['CLICKHOUSE_159', 'CLICKHOUSE_202']))
  })
})

const headersOf = () => ({
  'x-clickhouse-user': 'analyst_acme',
  'x-clickhouse-key': db.engine.analysts[0]!.password,
})

/** They make rows out of their own arguments, or read what the analyst may read anyway. */
const HARMLESS = new Set([
  ...['numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'primes', 'generateSeries', 'generate_series', 'null'],
  ...['values', 'SQLStandardValues', 'generateRandom', 'fuzzJSON', 'view', 'viewExplain', 'viewIfPermitted'],
  ...['input', 'merge'],
])
/** Tried above, or of a family that is: each needs a grant on a source, on the table, or to make a temporary table. */
const REFUSED =
  /^(file|filesystem|url|s3|gcs|oss|cosn|hdfs|azureBlobStorage|deltaLake|iceberg|paimon|hudi|remote|cluster|mysql|postgresql|mongodb|redis|sqlite|odbc|jdbc|ytsaurus|executable|dictionary|format|loop|mergeTree|timeSeries|prometheusQuery|eval|fuzzQuery|python)|^clusterAllReplicas$/
const SYSTEM_TABLES = new Set([
  ...[
    'aggregate_function_combinators',
    'collations',
    'columns',
    'completions',
    'contributors',
    'current_roles',
  ],
  ...[
    'data_type_families',
    'database_engines',
    'databases',
    'dictionary_layouts',
    'disk_types',
    'enabled_roles',
  ],
  ...[
    'formats',
    'functions',
    'one',
    'privileges',
    'quota_usage',
    'settings',
    'table_engines',
    'table_functions',
  ],
  ...['licenses', 'tables', 'time_zones'],
])
