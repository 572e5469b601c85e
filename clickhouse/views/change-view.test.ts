// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the migrations' own placeholders.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestEngine } from '../../test/with-engine.ts'
import { startSeededEngine, viewNamed } from '../audit/testing/seed-views.ts'
import { DATABASE, writeBatch } from '../audit/testing/write-batch.ts'
import { migrate } from '../migrations/migrate.ts'
import { MIGRATIONS_FOLDER } from '../migrations/read-migrations.ts'
import { publishViews } from '../queries/publish-views.ts'
import { readPointer } from './view-pointers.ts'

let db: TestEngine
let folder: string
beforeAll(async () => {
  db = await startSeededEngine()
  folder = mkdtempSync(join(tmpdir(), 'revwall-change-'))
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true, filter: (path) => !path.endsWith('.ts') })
  writeFileSync(join(folder, '9001_customer_days_v2.sql'), TABLE)
  writeFileSync(join(folder, '9002_customer_days_v2_mv.sql'), VIEW)
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await db.stop()
})

test('a migration that ships a changed view fills it from the rows that are there, and moves its name', async () => {
  const done = await migrate(db.warehouse, { database: DATABASE, folder })
  expect(done.map(({ name }) => name)).toEqual(['9001_customer_days_v2', '9002_customer_days_v2_mv'])
  await writeBatch(db.warehouse, { first: 9, orders: [{ id: 'after', customer: 'c9' }] })
  const changes = await db.warehouse.query(
    `SELECT sum(sign) AS n FROM ${DATABASE}.order_changes WHERE sign != 0`,
  )
  expect(await db.warehouse.query(`SELECT sum(changes) AS n FROM ${DATABASE}.customer_days_v2`)).toEqual(
    changes,
  )
  expect(await readPointer({ warehouse: db.warehouse, database: DATABASE }, 'customer_days')).toBe(
    'customer_days_v2',
  )
  expect((await viewNamed(db.warehouse, 'customer_days_v2')).sums.map(({ name }) => name)).toEqual([
    'changes',
  ])
  expect(await migrate(db.warehouse, { database: DATABASE, folder })).toEqual([])
})

test('the views for people follow', async () => {
  await publishViews(db.warehouse, { database: DATABASE })
  const [row] = await db.warehouse.query<{ select: string }>(
    "SELECT as_select AS select FROM system.tables WHERE database = 'revwall' AND name = 'v1_customer_days'",
  )
  expect(row!.select).toContain(`${DATABASE}.customer_days_v2`)
})

test('in a new run it is an ordinary statement', async () => {
  await migrate(db.warehouse, { database: 'revwall_r2', folder })
  expect(await db.warehouse.query('SELECT count() AS n FROM revwall_r2.view_steps')).toEqual([{ n: '0' }])
  const names = await db.warehouse.query(
    "SELECT name FROM system.tables WHERE database = 'revwall_r2' AND name = 'customer_days_v2_mv'",
  )
  expect(names).toHaveLength(1)
})

const TABLE = `CREATE TABLE IF NOT EXISTS \${database}.customer_days_v2
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date COMMENT 'Local day',
    changes Int64 COMMENT 'Signed rows of order_changes'
)
ENGINE = SummingMergeTree((changes)) ORDER BY (tenant, day)
COMMENT 'Changes by sale day.'
`
const VIEW = `-- view customer_days
CREATE MATERIALIZED VIEW IF NOT EXISTS \${database}.customer_days_v2_mv TO \${database}.customer_days_v2 AS
SELECT tenant, sale_day AS day, sum(sign) AS changes
FROM \${database}.order_changes WHERE sign != 0 GROUP BY tenant, day
COMMENT 'Keeps customer_days_v2.'
`
