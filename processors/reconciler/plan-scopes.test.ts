import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  conditionOf,
  describeScope,
  joinRanges,
  MAX_RANGES,
  rangesOfDays,
  type Scope,
} from '../../clickhouse/audit/scope.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { backgroundScope, cutDays } from './plan-scopes.ts'

const day = (n: number) => formatDay(15_000 + n)
const viewDays = fc
  .uniqueArray(fc.record({ n: fc.nat(60), rows: fc.integer({ min: 1, max: 100 }) }), {
    selector: ({ n }) => n,
  })
  .map((days) => days.sort((a, b) => a.n - b.n).map(({ n, rows }) => ({ day: day(n), rows })))

const holds = (scope: Scope, at: string) =>
  scope === 'all' ||
  scope.some(
    ({ from, to }) => (!from || parseDay(at) >= parseDay(from)) && (!to || parseDay(at) <= parseDay(to)),
  )

test('the ranges of a full audit hold every day exactly once, newest first', () => {
  fc.assert(
    fc.property(viewDays, fc.integer({ min: 1, max: 500 }), (days, maxRows) => {
      const scopes = cutDays(days, maxRows)
      for (let n = -2; n < 63; n++) expect(scopes.filter((scope) => holds(scope, day(n)))).toHaveLength(1)
      const ages = scopes.map((scope) => days.findLastIndex((known) => holds(scope, known.day)))
      expect(ages).toEqual([...ages].sort((a, b) => b - a))
    }),
  )
})

test('the first range is the newest two days', () => {
  const days = ['2011-12-01', '2011-12-05', '2011-12-09'].map((at) => ({ day: at, rows: 1 }))
  expect(cutDays(days)).toEqual([[{ from: '2011-12-05', to: undefined }], [{ to: '2011-12-04' }]])
  expect(cutDays(days.slice(1))).toEqual(['all'])
})

test('background rounds come to every day in time, the gaps too', () => {
  fc.assert(
    fc.property(viewDays, (days) => {
      fc.pre(days.length > 0)
      const recent = [{ from: days.at(-1)!.day }]
      const seen = new Set<number>()
      for (let i = 0; i < days.length; i++) {
        const scope = backgroundScope(recent, days, () => i / days.length)
        for (let n = -2; n < 63; n++) if (holds(scope, day(n))) seen.add(n)
      }
      expect(seen.size).toBe(65)
    }),
  )
})

test('joined ranges hold the same days and do not touch', () => {
  const range = fc.tuple(fc.nat(200), fc.nat(9)).map(([n, length]) => ({ from: day(n), to: day(n + length) }))
  fc.assert(
    fc.property(fc.array(range), (ranges) => {
      const joined = joinRanges(ranges)
      for (let n = 0; n < 215; n++) if (holds(ranges, day(n))) expect(holds(joined, day(n))).toBe(true)
      expect(joined.length).toBeLessThanOrEqual(MAX_RANGES)
    }),
  )
  expect(rangesOfDays(['2011-12-09', '2011-12-01', '2011-12-10'], 0)).toEqual([
    { from: '2011-12-01', to: '2011-12-01' },
    { from: '2011-12-09', to: '2011-12-10' },
  ])
  expect(rangesOfDays(['2011-12-01'], 1)).toEqual([{ from: '2011-11-30', to: '2011-12-02' }])
})

test('a scope as SQL and as text', () => {
  const scope = [{ to: '2011-12-01' }, { from: '2011-12-05', to: '2011-12-05' }, { from: '2011-12-08' }]
  expect(conditionOf(scope, 'day')).toBe(
    "((day <= toDate('2011-12-01')) OR (day >= toDate('2011-12-05') AND day <= toDate('2011-12-05')) OR (day >= toDate('2011-12-08')))",
  )
  expect(describeScope(scope)).toBe('..2011-12-01, 2011-12-05, 2011-12-08..')
  expect(conditionOf([], 'day')).toBe('0')
  expect(() => conditionOf([{ from: "2011-12-01') OR (1" }], 'day')).toThrow('is not a day')
})
