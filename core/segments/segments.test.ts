import { describe, expect, it } from 'vitest'
import { CELL_COUNT, cellOf, scoresOf } from './cells.ts'
import { partitionOf, SEGMENT_CHOICES, SEGMENT_MODES, type SegmentMode, segmentOf } from './segment-modes.ts'
import { DEFAULT_SEGMENT_RULES, evaluatorOf, segmentRules } from './segment-rules.ts'

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

it('lets one choose each of the modes, and the rules', () => {
  expect([...SEGMENT_CHOICES]).toEqual([...Object.keys(SEGMENT_MODES), 'rules'])
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

  it('refuses a segment that it does not have, and a name twice', () => {
    expect(segmentRules.safeParse({ ...DEFAULT_SEGMENT_RULES, otherwise: 'nobody' }).success).toBe(false)
    const twice = [...DEFAULT_SEGMENT_RULES.segments, DEFAULT_SEGMENT_RULES.segments[0]]
    expect(segmentRules.safeParse({ ...DEFAULT_SEGMENT_RULES, segments: twice }).success).toBe(false)
  })
})

function nameOf(mode: SegmentMode, r: number, f: number, m: number): string {
  return mode.segments[segmentOf(mode, cellOf(r, f, m))]!.id
}
