import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromE4 } from '../../core/contracts/money.ts'
import { CELL_COUNT } from '../../core/segments/cells.ts'
import { SEGMENT_MODES, type SegmentMode, segmentOf } from '../../core/segments/segment-modes.ts'
import {
  DEFAULT_SEGMENT_RULES,
  evaluatorOf,
  type RuleValues,
  type SegmentRules,
  segmentRules,
} from '../../core/segments/segment-rules.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrateShards } from '../migrations/migrate-shards.ts'
import { ensureSegmentFunctions, readSegmentRules, storeSegmentRules } from './segment-rules.ts'
import { cellSegmentSql, segmentFunctionName, segmentFunctionSql } from './segment-sql.ts'

const database = 'revwall_r1'
let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrateShards(db.warehouse, { database })
})
afterAll(() => db?.stop())

/** What ClickHouse says of these customers, by the function of a version. */
async function named(version: number, customers: readonly RuleValues[]): Promise<string[]> {
  const rows = customers.map(
    ({ recency, frequency, monetaryE4 }, at) =>
      `SELECT ${at} AS at, toInt32(${recency}) AS recency, toUInt32(${frequency}) AS orders, toDecimal64('${fromE4(monetaryE4)}', 4) AS revenue`,
  )
  const told = await db.warehouse.query<{ segment: string }>(
    `SELECT ${segmentFunctionName(version)}(recency, orders, revenue) AS segment FROM (${rows.join(' UNION ALL ')}) ORDER BY at`,
  )
  return told.map(({ segment }) => segment)
}

const namedHere = (rules: SegmentRules, customers: readonly RuleValues[]) => {
  const evaluate = evaluatorOf(rules)
  return customers.map((values) => rules.segments[evaluate(values)]!.id)
}

/** On the edges of the default rules, and beside them. */
const EDGES: RuleValues[] = [0, 30, 31, 60, 61, 90, 91, 180, 181].flatMap((recency) =>
  [1, 2, 5, 9, 10].flatMap((frequency) =>
    [-1, 4_999_999, 5_000_000, 9_999_999, 10_000_000].map((monetaryE4) => ({
      recency,
      frequency,
      monetaryE4,
    })),
  ),
)

it.each(Object.values<SegmentMode>(SEGMENT_MODES))('divides all 125 cells as mode $id does', async (mode) => {
  const rows = await db.warehouse.query<{ segment: string }>(
    `SELECT ${cellSegmentSql(mode)} AS segment FROM (
       SELECT number, 1 + intDiv(number, 25) AS recency, 1 + intDiv(number, 5) % 5 AS frequency, 1 + number % 5 AS monetary
       FROM numbers(${CELL_COUNT})) ORDER BY number`,
  )
  expect(rows.map(({ segment }) => segment)).toEqual(
    Array.from({ length: CELL_COUNT }, (_, cell) => mode.segments[segmentOf(mode, cell)]!.id),
  )
})

describe('rules by thresholds', () => {
  it('are a function of ClickHouse from the first start on', async () => {
    expect(await readSegmentRules(db.warehouse)).toEqual([
      { version: 1, rules: DEFAULT_SEGMENT_RULES, at: null, by: '' },
    ])
    expect(await named(1, EDGES)).toEqual(namedHere(DEFAULT_SEGMENT_RULES, EDGES))
  })

  it('mean there what they mean here, for any rules and customers', async () => {
    for (const rules of fc.sample(anyRules(), { numRuns: 12, seed: 7 })) {
      const { version } = await storeSegmentRules(db.warehouse, rules, 'ana')
      const customers = fc.sample(anyValues(), { numRuns: 150, seed: version })
      expect(await named(version, customers), JSON.stringify(rules)).toEqual(namedHere(rules, customers))
    }
    // The former ones are asked as before.
    expect(await named(1, EDGES)).toEqual(namedHere(DEFAULT_SEGMENT_RULES, EDGES))
  })

  it('are a version more only where they say something else', async () => {
    const before = await readSegmentRules(db.warehouse)
    const rules = { ...DEFAULT_SEGMENT_RULES, otherwise: 'regular' }
    const version = before.length + 1
    expect(await storeSegmentRules(db.warehouse, rules, 'ana')).toEqual({ version, isNew: true })
    expect(await storeSegmentRules(db.warehouse, rules, 'ana')).toEqual({ version, isNew: false })
    const after = await readSegmentRules(db.warehouse)
    expect(after.map((one) => one.version)).toEqual([...before.map((one) => one.version), version])
    expect(after.at(-1)).toMatchObject({ rules, by: 'ana', at: expect.stringMatching(/^20.*Z$/) })
  })

  it('never share a version, whoever stores at once', async () => {
    const storing = ['champions', 'loyal', 'new', 'lost'].map((otherwise) =>
      storeSegmentRules(db.warehouse, { ...DEFAULT_SEGMENT_RULES, otherwise }, otherwise),
    )
    const ends = await Promise.allSettled(storing)
    const done = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.version] : []))
    expect(new Set(done).size).toBe(done.length)
    expect(done.length).toBeGreaterThan(0)
    for (const { version, rules } of (await readSegmentRules(db.warehouse)).slice(-4))
      expect(await named(version, EDGES)).toEqual(namedHere(rules, EDGES))
  })

  it('survive a restart of the server, and come back where they were lost', async () => {
    const newest = (await readSegmentRules(db.warehouse)).at(-1)!
    await db.warehouse.close()
    await db.engine.stop()
    db = await startTestEngine({ folder: db.folder })
    expect(await named(newest.version, EDGES)).toEqual(namedHere(newest.rules, EDGES))

    await db.warehouse.command(`DROP FUNCTION ${segmentFunctionName(newest.version)}`)
    await db.warehouse.command(`DROP FUNCTION ${segmentFunctionName(1)}`)
    await expect(named(newest.version, EDGES)).rejects.toThrow(/revwall_segment_v/)
    await ensureSegmentFunctions(db.warehouse)
    expect(await named(newest.version, EDGES)).toEqual(namedHere(newest.rules, EDGES))
    expect(await named(1, EDGES)).toEqual(namedHere(DEFAULT_SEGMENT_RULES, EDGES))
  })

  it('are text of data only', () => {
    expect(segmentFunctionSql(3, DEFAULT_SEGMENT_RULES)).toBe(
      'CREATE FUNCTION IF NOT EXISTS revwall_segment_v3 AS (recency, frequency, monetary) -> multiIf(' +
        "recency <= 30 AND frequency >= 10 AND monetary >= toDecimal128('1000', 4), 'champions', " +
        "recency <= 60 AND frequency >= 5, 'loyal', " +
        "recency <= 90 AND monetary >= toDecimal128('500', 4), 'opportunists', " +
        "recency <= 30 AND frequency <= 1, 'new', recency <= 90, 'regular', recency <= 180, 'at-risk', 'lost')",
    )
    const evil = { ...DEFAULT_SEGMENT_RULES, otherwise: "lost') UNION ALL SELECT ('" }
    expect(() => segmentFunctionSql(3, evil)).toThrow()
  })
})

function anyRules(): fc.Arbitrary<SegmentRules> {
  const ids = ['a', 'b', 'c-1']
  const is = fc.constantFrom('<=' as const, '>=' as const)
  const condition = fc.oneof(
    fc.record({ of: fc.constant('recency' as const), is, value: fc.nat(9) }),
    fc.record({ of: fc.constant('frequency' as const), is, value: fc.nat(9) }),
    fc.record({
      of: fc.constant('monetary' as const),
      is,
      value: fc.integer({ min: -99, max: 99 }).map(fromE4),
    }),
  )
  const rule = fc.record({
    to: fc.constantFrom(...ids),
    when: fc.array(condition, { minLength: 1, maxLength: 3 }),
  })
  return fc
    .record({
      segments: fc.constant(ids.map((id) => ({ id, en: id, pt: id }))),
      rules: fc.array(rule, { maxLength: 6 }),
      otherwise: fc.constantFrom(...ids),
    })
    .map((rules) => segmentRules.parse(rules))
}

function anyValues(): fc.Arbitrary<RuleValues> {
  return fc.record({
    recency: fc.nat(9),
    frequency: fc.nat(9),
    monetaryE4: fc.integer({ min: -99, max: 99 }),
  })
}
