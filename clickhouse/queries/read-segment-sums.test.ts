import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fromE4, toE4 } from '../../core/contracts/money.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { CELL_COUNT, scoresOf } from '../../core/segments/cells.ts'
import { SEGMENT_MODES, type SegmentModeId, segmentOf } from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES, evaluatorOf } from '../../core/segments/segment-rules.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { insertRows } from '../insert-rows.ts'
import { migrate } from '../migrations/migrate.ts'
import { migrateShards } from '../migrations/migrate-shards.ts'
import { MIGRATIONS_FOLDER, readMigrations } from '../migrations/read-migrations.ts'
import type { Warehouse } from '../warehouse.ts'
import { publishViews } from './publish-views.ts'
import { type DivisionQuestion, readDivision } from './read-division.ts'
import { readLastMoves, readSegmentDays, readSegmentMoves, readSegmentSums } from './read-segment-sums.ts'
import { readCustomerSegment } from './read-segments.ts'
import { storeSegmentRules } from './segment-rules.ts'
import { v1ViewNames } from './v1-views.ts'

const database = 'revwall_r1'
const TODAY = '2026-03-31'
const scope = { database, tenant: 'acme', from: '2026-03-01', to: '2026-03-31' }

let db: TestEngine
let analyst: Warehouse
beforeAll(async () => {
  db = await startTestEngine({ tables: v1ViewNames(), viewDatabases: [database] })
  await migrateShards(db.warehouse, { database })
  await publishViews(db.warehouse, { database })
  analyst = connectWarehouse({ url: db.engine.url, ...db.engine.analysts[0]! })
  await insertRows(db.warehouse, `${database}.segment_changes`, [...CUSTOMERS, ...OTHERS, ...MOVED], 'c')
  await insertRows(db.warehouse, `${database}.segment_days`, DAYS, 'd')
})
afterAll(async () => {
  await analyst?.close()
  await db?.stop()
})

/** One in each cell, none since another number of days; the last one ordered nothing that counts. */
const CUSTOMERS = Array.from({ length: CELL_COUNT + 1 }, (_, cell) => {
  const isOne = cell < CELL_COUNT
  return {
    ...{ tenant: 'acme', customer: `c${cell}`, revision: 1, at: '2026-03-30T10:00:00Z', day: '2026-03-30' },
    ...{ mode: 'default', came_from: '', segment: '', currency: 'BRL' },
    ...(isOne ? scoresOf(cell) : { recency: 0, frequency: 0, monetary: 0 }),
    last_day: isOne ? formatDay(parseDay(TODAY) - 2 * cell) : '1970-01-01',
    orders: isOne ? 1 + (cell % 13) : 0,
    revenue: fromE4(isOne ? 130_007 * cell : 0),
  }
})
/** Of another tenant, who counts for nobody here. */
const OTHERS = [{ ...CUSTOMERS[124]!, tenant: 'other', segment: 'champions' }]
const move = (customer: string, mode: string, came_from: string, segment: string, at: string) => ({
  ...{ tenant: 'acme', customer, revision: 1, day: at.slice(0, 10), at, mode, came_from, segment },
  ...{ orders: 0, revenue: '10.0000' },
})
const MOVED = [
  move('m1', 'default', '', 'new', '2026-03-01T10:00:00Z'),
  move('m2', 'default', 'new', 'loyal', '2026-03-02T10:00:00Z'),
  move('m3', 'default', 'new', 'loyal', '2026-03-03T10:00:00Z'),
  move('m4', 'rules-v1', 'new', 'loyal', '2026-03-04T10:00:00Z'),
  move('m5', 'rules-v2', 'new', 'lost', '2026-03-05T10:00:00Z'),
  // Told anew in other words: no move.
  move('m6', 'rules-v2', 'lost', 'lost', '2026-03-05T10:00:00Z'),
  move('m7', 'default', 'new', 'loyal', '2026-04-01T10:00:00Z'),
]
const day = (on: string, mode: string, segment: string, customers: number, at: string) => ({
  ...{ tenant: 'acme', day: on, mode, segment, customers, at, revenue: `${customers}.5` },
})
const DAYS = [
  day('2026-03-02', 'default', 'loyal', 3, '2026-03-02T10:00:00Z'),
  day('2026-03-02', 'default', 'lost', 4, '2026-03-02T10:00:00Z'),
  // On this day another division was chosen: what the former one has alone is left behind.
  day('2026-03-03', 'default', 'hibernating', 5, '2026-03-03T10:00:00Z'),
  day('2026-03-03', 'default', 'loyal', 6, '2026-03-03T10:00:00Z'),
  day('2026-03-03', 'rules-v1', 'loyal', 7, '2026-03-03T12:00:00Z'),
  day('2026-03-04', 'rules-v2', 'loyal', 8, '2026-03-04T12:00:00Z'),
]

const divided = async (asked: Omit<DivisionQuestion, 'today'>) => {
  const division = await readDivision(db.warehouse, { ...asked, today: TODAY })
  return { ...scope, division: division! }
}

/** Customers and revenue by segment, added up here. */
function expected(nameOf: (cell: number) => string): Map<string, string> {
  const sums = new Map<string, { customers: number; e4: number }>()
  for (let cell = 0; cell < CELL_COUNT; cell++) {
    const had = sums.get(nameOf(cell)) ?? { customers: 0, e4: 0 }
    sums.set(nameOf(cell), { customers: had.customers + 1, e4: had.e4 + 130_007 * cell })
  }
  return new Map([...sums].map(([segment, { customers, e4 }]) => [segment, `${customers} ${fromE4(e4)}`]))
}

const told = (rows: readonly { segment: string; customers: number | string; revenue: string }[]) =>
  new Map(
    rows.map(
      ({ segment, customers, revenue }) => [segment, `${customers} ${fromE4(toE4(revenue))}`] as const,
    ),
  )

it.each(Object.keys(SEGMENT_MODES) as SegmentModeId[])('divides what is stored by %s', async (mode) => {
  const { rows, sql } = await readSegmentSums(db.warehouse, await divided({ mode }))
  const { segments } = SEGMENT_MODES[mode]
  const wanted = expected((cell) => segments[segmentOf(SEGMENT_MODES[mode], cell)]!.id)
  expect(told(rows)).toEqual(wanted)
  expect(told(await analyst.query(sql))).toEqual(wanted)
  const revenues = rows.map(({ revenue }) => toE4(revenue))
  expect(revenues).toEqual([...revenues].sort((a, b) => b - a))
})

it('divides it by any version of the rules, as of the tenant’s day', async () => {
  const gentle = { ...DEFAULT_SEGMENT_RULES, otherwise: 'regular' }
  await storeSegmentRules(db.warehouse, gentle, 'ana')
  for (const { rules, ...asked } of [
    { version: 1, rules: DEFAULT_SEGMENT_RULES },
    { version: 2, rules: gentle },
    { version: undefined, rules: gentle },
  ]) {
    const evaluate = evaluatorOf(rules)
    const wanted = expected((cell) => {
      const values = { recency: 2 * cell, frequency: 1 + (cell % 13), monetaryE4: 130_007 * cell }
      return rules.segments[evaluate(values)]!.id
    })
    const { rows, sql } = await readSegmentSums(db.warehouse, await divided({ mode: 'rules', ...asked }))
    expect(told(rows)).toEqual(wanted)
    expect(told(await analyst.query(sql))).toEqual(wanted)
  }
  expect(await readDivision(db.warehouse, { mode: 'rules', version: 3, today: TODAY })).toBeUndefined()
})

it('names one customer in the words of a division', async () => {
  const nameIn = async (asked: Omit<DivisionQuestion, 'today'>, customer: string) =>
    (await readCustomerSegment(db.warehouse, await divided(asked), customer))?.segment
  expect(await nameIn({ mode: 'default' }, 'c124')).toBe('champions')
  expect(await nameIn({ mode: 'lifecycle' }, 'c124')).toBe('premium')
  expect(await nameIn({ mode: 'rules', version: 1 }, 'c124')).toBe('lost')
  expect(await nameIn({ mode: 'rules', version: 1 }, 'c125')).toBe('')
  expect(await nameIn({ mode: 'default' }, 'c125')).toBe('')
  expect(await nameIn({ mode: 'default' }, 'nobody')).toBeUndefined()
})

it('tells days and moves in the words in which they were kept', async () => {
  const daysOf = async (asked: Omit<DivisionQuestion, 'today'>) => {
    const { rows, sql } = await readSegmentDays(db.warehouse, await divided(asked))
    const lines = (all: readonly { day: string; segment: string; customers: number }[]) =>
      all.map(({ day, segment, customers }) => `${day.slice(8)} ${segment} ${customers}`)
    expect(lines(await analyst.query(sql))).toEqual(lines(rows))
    return lines(rows)
  }
  expect(await daysOf({ mode: 'default' })).toEqual(['02 lost 4', '02 loyal 3'])
  expect(await daysOf({ mode: 'rules' })).toEqual(['03 loyal 7', '04 loyal 8'])
  expect(await daysOf({ mode: 'rules', version: 1 })).toEqual(['03 loyal 7'])
  expect(await daysOf({ mode: 'shopify' })).toEqual([])

  const movesOf = async (asked: Omit<DivisionQuestion, 'today'>) => {
    const { rows, sql } = await readSegmentMoves(db.warehouse, await divided(asked))
    const lines = (all: readonly { from: string; to: string; customers: number | string }[]) =>
      all.map(({ from, to, customers }) => `${from} > ${to} ${customers}`)
    expect(lines(await analyst.query(sql))).toEqual(lines(rows))
    return lines(rows)
  }
  expect(await movesOf({ mode: 'default' })).toEqual([' > new 1', 'new > loyal 2'])
  expect(await movesOf({ mode: 'rules' })).toEqual(['new > lost 1', 'new > loyal 1'])
  expect(await movesOf({ mode: 'rules', version: 2 })).toEqual(['new > lost 1'])

  const last = await readLastMoves(db.warehouse, { ...(await divided({ mode: 'default' })), limit: 2 })
  expect(last).toEqual([
    {
      ...{ customer: 'm3', from: 'new', to: 'loyal', day: '2026-03-03' },
      ...{ at: '2026-03-03T10:00:00.000Z', revenue: '10' },
    },
    {
      ...{ customer: 'm2', from: 'new', to: 'loyal', day: '2026-03-02' },
      ...{ at: '2026-03-02T10:00:00.000Z', revenue: '10' },
    },
  ])
})

it('keeps what an older revwall stored, as days and moves of the default division', async () => {
  const older = mkdtempSync(join(tmpdir(), 'revwall-older-'))
  for (const { name } of readMigrations().filter((migration) => migration.id < 115))
    copyFileSync(join(MIGRATIONS_FOLDER, `${name}.sql`), join(older, `${name}.sql`))
  const names = { database: 'revwall_r2', folder: older }
  await migrate(db.warehouse, names)
  const { mode: _, ...past } = DAYS[0]!
  await insertRows(db.warehouse, 'revwall_r2.segment_days', [past], 'past-days')
  await insertRows(db.warehouse, 'revwall_r2.segment_changes', MOVED.slice(0, 2), 'past-changes')
  await migrate(db.warehouse, { database: 'revwall_r2' })
  await insertRows(db.warehouse, 'revwall_r2.segment_changes', MOVED.slice(3, 6), 'later-changes')
  rmSync(older, { recursive: true })
  const within = async (mode: 'default' | 'rules') => ({
    ...(await divided({ mode })),
    database: 'revwall_r2',
  })
  expect((await readSegmentDays(db.warehouse, await within('default'))).rows).toHaveLength(1)
  expect((await readSegmentMoves(db.warehouse, await within('default'))).rows).toHaveLength(2)
  expect((await readSegmentMoves(db.warehouse, await within('rules'))).rows).toHaveLength(2)
})
