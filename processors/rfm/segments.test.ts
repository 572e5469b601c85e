import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromE4 } from '../../core/contracts/money.ts'
import { CELL_COUNT, cellOf, scoresOf } from './rfm-columns.ts'
import {
  DEFAULT_SEGMENT_RULES,
  evaluatorOf,
  type RuleValues,
  type SegmentRules,
  segmentFunctionSql,
  segmentRules,
} from './segment-rules.ts'
import { partitionOf, SEGMENT_MODES, type SegmentMode, segmentOf } from './segments.ts'

describe.each(Object.values<SegmentMode>(SEGMENT_MODES))('mode $id', (mode) => {
  it('gives each of the 125 cells exactly one segment, and each segment a cell', () => {
    const partition = partitionOf(mode)
    expect(partition.length).toBe(CELL_COUNT)
    expect(Math.max(...partition)).toBeLessThan(mode.segments.length)
    // Nothing fits `others` of R's rfm only by its gaps.
    expect(new Set(partition).size).toBe(mode.segments.length)
  })

  it('names only segments that it has, in two languages, each once', () => {
    const ids = mode.segments.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(mode.rules.filter(({ to }) => !ids.includes(to))).toEqual([])
    expect(mode.segments.every(({ en, pt }) => en.length > 0 && pt.length > 0)).toBe(true)
  })
})

it('numbers cells by recency, then frequency, then monetary value', () => {
  expect([cellOf(1, 1, 1), cellOf(5, 5, 5), cellOf(2, 1, 3)]).toEqual([0, 124, 27])
  for (let cell = 0; cell < CELL_COUNT; cell++) {
    const { recency, frequency, monetary } = scoresOf(cell)
    expect(cellOf(recency, frequency, monetary)).toBe(cell)
  }
})

it('has eleven segments by default', () => {
  expect(SEGMENT_MODES.default.segments.length).toBe(11)
  const named = (r: number, f: number, m: number) => nameOf(SEGMENT_MODES.default, r, f, m)
  expect(named(5, 5, 5)).toBe('champions')
  expect(named(5, 1, 3)).toBe('new')
  expect(named(1, 5, 5)).toBe('cant-lose')
  expect(named(1, 5, 2)).toBe('at-risk')
  expect(named(1, 1, 1)).toBe('lost')
  expect(named(2, 1, 1)).toBe('hibernating')
})

it('maps R × F without asking for money', () => {
  for (let cell = 0; cell < CELL_COUNT; cell++)
    expect(segmentOf(SEGMENT_MODES['recency-frequency'], cell)).toBe(
      segmentOf(SEGMENT_MODES['recency-frequency'], cell - (cell % 5)),
    )
})

it('takes Shopify’s groups by R and the mean of F and M', () => {
  const named = (r: number, f: number, m: number) => nameOf(SEGMENT_MODES.shopify, r, f, m)
  expect(named(5, 4, 3)).toBe('champions')
  expect(named(5, 3, 4)).toBe('champions')
  expect(named(4, 1, 2)).toBe('active')
  expect(named(2, 5, 4)).toBe('previously-loyal')
  expect(named(1, 2, 2)).toBe('dormant')
})

describe('rules by thresholds', () => {
  const evaluate = evaluatorOf(DEFAULT_SEGMENT_RULES)
  const named = (recency: number, frequency: number, units: number) =>
    DEFAULT_SEGMENT_RULES.segments[evaluate({ recency, frequency, monetaryE4: units * 10_000 })]!.id

  it('hold at their edges and not beyond', () => {
    expect(named(30, 10, 1_000)).toBe('champions')
    expect(named(31, 10, 1_000)).toBe('loyal')
    expect(named(30, 9, 1_000)).toBe('loyal')
    expect(named(60, 5, 0)).toBe('loyal')
    expect(named(61, 5, 500)).toBe('opportunists')
    expect(named(10, 1, 499.9999)).toBe('new')
    expect(named(90, 4, 100)).toBe('regular')
    expect(named(180, 4, 10_000)).toBe('at-risk')
    expect(named(181, 50, 10_000)).toBe('lost')
  })

  it('compile to a SQL function of a version, text of data only', () => {
    expect(segmentFunctionSql({ ...DEFAULT_SEGMENT_RULES, version: 3 })).toBe(
      'CREATE OR REPLACE FUNCTION revwall_segment_v3 AS (recency, frequency, monetary) -> multiIf(' +
        "recency <= 30 AND frequency >= 10 AND monetary >= toDecimal128('1000', 4), 'champions', " +
        "recency <= 60 AND frequency >= 5, 'loyal', " +
        "recency <= 90 AND monetary >= toDecimal128('500', 4), 'opportunists', " +
        "recency <= 30 AND frequency <= 1, 'new', recency <= 90, 'regular', recency <= 180, 'at-risk', 'lost')",
    )
    const evil = { ...DEFAULT_SEGMENT_RULES, otherwise: "lost') UNION ALL SELECT ('" }
    expect(() => segmentFunctionSql(evil)).toThrow()
  })

  it('mean in SQL what they mean here, for any rules and customers', () => {
    fc.assert(
      fc.property(anyRules(), fc.array(anyValues(), { minLength: 10, maxLength: 30 }), (rules, customers) => {
        const here = evaluatorOf(segmentRules.parse(rules))
        const there = readFunction(segmentFunctionSql(rules))
        for (const values of customers) expect(rules.segments[here(values)]!.id).toBe(there(values))
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a segment that it does not have, and a name twice', () => {
    expect(segmentRules.safeParse({ ...DEFAULT_SEGMENT_RULES, otherwise: 'nobody' }).success).toBe(false)
    const twice = [...DEFAULT_SEGMENT_RULES.segments, DEFAULT_SEGMENT_RULES.segments[0]]
    expect(segmentRules.safeParse({ ...DEFAULT_SEGMENT_RULES, segments: twice }).success).toBe(false)
  })
})

function nameOf(mode: SegmentMode, r: number, f: number, m: number): string {
  return mode.segments[segmentOf(mode, cellOf(r, f, m))]!.id
}

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
  return fc.record({
    version: fc.integer({ min: 1, max: 9 }),
    segments: fc.constant(ids.map((id) => ({ id, en: id, pt: id }))),
    rules: fc.array(rule, { maxLength: 6 }),
    otherwise: fc.constantFrom(...ids),
  })
}

function anyValues(): fc.Arbitrary<RuleValues> {
  return fc.record({
    recency: fc.nat(9),
    frequency: fc.nat(9),
    monetaryE4: fc.integer({ min: -99, max: 99 }),
  })
}

/** The function's text, read as ClickHouse reads it as far as it goes: multiIf, AND, two comparisons, decimals. */
function readFunction(sql: string): (values: RuleValues) => string {
  const body = sql.slice(sql.indexOf('->') + 3)
  if (!body.startsWith('multiIf(')) return () => body.slice(1, -1)
  const parts = body.slice('multiIf('.length, -1).split(/, (?=recency|frequency|monetary|'[a-z])/)
  return ({ recency, frequency, monetaryE4 }) => {
    const holds = (text: string) => {
      const [of, is, value] = text.split(/ (<=|>=) /)
      const field = of === 'recency' ? recency : of === 'frequency' ? frequency : monetaryE4 / 10_000
      const threshold = Number(/^toDecimal128\('(.*)', 4\)$/.exec(value!)?.[1] ?? value)
      return is === '<=' ? field <= threshold : field >= threshold
    }
    for (let at = 0; at + 1 < parts.length; at += 2)
      if (parts[at]!.split(' AND ').every(holds)) return parts[at + 1]!.slice(1, -1)
    return parts.at(-1)!.slice(1, -1)
  }
}
