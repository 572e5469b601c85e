// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the migrations' own placeholders.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from './migrate.ts'
import { readMigrations } from './read-migrations.ts'
import { uncommented } from './uncommented.ts'

let db: TestEngine
let folder: string
let database: string
let runs = 0
beforeAll(async () => {
  db = await startTestEngine()
})
afterAll(() => db.stop())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-migrations-'))
  database = `run_${++runs}`
  file('0001_orders.sql', ORDERS)
  file('0002_totals.sql', TOTALS)
  return () => rmSync(folder, { recursive: true })
})

const file = (name: string, text: string) => writeFileSync(join(folder, name), text)
const migrateNow = () => migrate(db.warehouse, { database, folder })
const namesOf = (steps: { name: string }[]) => steps.map(({ name }) => name)

test('runs each file once, in order, and records it', async () => {
  const seen: string[] = []
  const options = {
    database,
    folder,
    version: '1.2.3',
    onStep: ({ name }: { name: string }) => seen.push(name),
  }
  expect(namesOf(await migrate(db.warehouse, options))).toEqual(['0001_orders', '0002_totals'])
  expect(seen).toEqual(['0001_orders', '0002_totals'])
  expect(await migrateNow()).toEqual([])
  const sql =
    'SELECT id, name, version FROM revwall.migrations WHERE database = {database:String} ORDER BY id'
  expect(await db.warehouse.query(sql, { params: { database } })).toEqual([
    { id: 1, name: '0001_orders', version: '1.2.3' },
    { id: 2, name: '0002_totals', version: '1.2.3' },
  ])
})

test('goes on with what is new', async () => {
  await migrateNow()
  file('0003_more.sql', "CREATE VIEW IF NOT EXISTS ${database}.more AS SELECT 1 AS one COMMENT 'c'")
  expect(namesOf(await migrateNow())).toEqual(['0003_more'])
})

test('finishes after a crash between a statement and its record', async () => {
  await migrateNow()
  await db.warehouse.command(`DELETE FROM revwall.migrations WHERE database = '${database}' AND id = 2`)
  expect(namesOf(await migrateNow())).toEqual(['0002_totals'])
})

test('finishes after a statement that failed, whose error names the file', async () => {
  file('0003_more.sql', 'CREATE TABLE ${database}.more (n Nonsense) ENGINE = Memory')
  await expect(migrateNow()).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
  await expect(migrateNow()).rejects.toThrow('0003_more.sql')
  file('0003_more.sql', 'CREATE TABLE ${database}.more (n UInt8) ENGINE = Memory')
  expect(namesOf(await migrateNow())).toEqual(['0003_more'])
})

test('two at once leave one schema and no error', async () => {
  await Promise.all([migrateNow(), migrateNow()])
  expect(await migrateNow()).toEqual([])
})

test('refuses a file that was changed after it was run', async () => {
  await migrateNow()
  file('0001_orders.sql', `${ORDERS} -- harmless`)
  await expect(migrateNow()).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' })
})

test('does not mind other line ends', async () => {
  await migrateNow()
  file('0001_orders.sql', ORDERS.replaceAll('\n', '\r\n'))
  expect(await migrateNow()).toEqual([])
})

test('refuses a database of a newer revwall', async () => {
  await migrateNow()
  rmSync(join(folder, '0002_totals.sql'))
  await expect(migrateNow()).rejects.toMatchObject({ code: 'MIGRATION_NEWER' })
})

test('refuses more than one statement in a file, before any of it is run', async () => {
  file('0003_more.sql', 'CREATE TABLE ${database}.a (n UInt8) ENGINE = Memory; SELECT 2')
  await expect(migrateNow()).rejects.toThrow('Multi-statements')
  expect(await db.warehouse.query(`EXISTS TABLE ${database}.a`)).toEqual([{ result: 0 }])
})

test.each([
  ['a number that comes twice', '0002_twice.sql', 'SELECT 1'],
  ['another kind of name', '3-name.sql', 'SELECT 1'],
  ['an unknown placeholder', '0003_unknown.sql', 'SELECT ${tenant}'],
])('refuses %s', async (_what, name, text) => {
  file(name, text)
  await expect(migrateNow()).rejects.toMatchObject({ code: 'MIGRATION_INVALID' })
})

test('runs what has a lower number than what was run before: numbers may be left out', async () => {
  file('0009_late.sql', 'CREATE TABLE IF NOT EXISTS ${database}.late (n UInt8) ENGINE = Memory')
  expect(namesOf(await migrateNow())).toContain('0009_late')
  file('0004_early.sql', 'CREATE TABLE IF NOT EXISTS ${database}.early (n UInt8) ENGINE = Memory')
  expect(namesOf(await migrateNow())).toEqual(['0004_early'])
  expect(await migrateNow()).toEqual([])
})

test('refuses a name that could be more than a name', async () => {
  const injected = migrate(db.warehouse, { database: 'a; DROP', folder })
  await expect(injected).rejects.toMatchObject({ code: 'MIGRATION_INVALID' })
})

test('finds tables and columns without a comment', async () => {
  await migrateNow()
  file('0003_bare.sql', "CREATE TABLE ${database}.bare (n UInt8, m UInt8 COMMENT 'x') ENGINE = Memory")
  await migrateNow()
  expect(await uncommented(db.warehouse, database)).toEqual(['bare', 'bare.n'])
  expect(await uncommented(db.warehouse, 'revwall')).toEqual([])
})

test('the checksum is sha256 of the text', () => {
  file('0001_orders.sql', 'abc')
  expect(readMigrations(folder)[0]!.checksum).toMatch(/^ba7816bf8f01cfea.*15ad$/)
})

const ORDERS = `-- Truth.
CREATE TABLE IF NOT EXISTS \${database}.orders (
  tenant LowCardinality(String) COMMENT 'Whose.',
  n UInt64 COMMENT 'How many; a semicolon is no end.'
) ENGINE = MergeTree ORDER BY tenant
COMMENT 'Orders.';
`
const TOTALS = `CREATE MATERIALIZED VIEW IF NOT EXISTS \${database}.totals
ENGINE = SummingMergeTree ORDER BY tenant
AS SELECT tenant, sum(n) AS n FROM \${database}.orders GROUP BY tenant
COMMENT 'Sums.'`
