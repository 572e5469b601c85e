import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dayBars, type ExploreAnswer, exploreRows } from './explore.ts'
import {
  addDays,
  daysOf,
  type Exploration,
  everyDay,
  FILTERS,
  MAX_DAYS,
  NO_EXPLORATION,
  questionOf,
  RANGES,
  readExploration,
  SIDES,
  typedDays,
  writeExploration,
} from './explore-panel.ts'

const day = fc.integer({ min: 0, max: 9_000 }).map((at) => addDays('2005-01-01', at))

it('stands in the address as it is read from it', () => {
  const days = fc.tuple(day, fc.integer({ min: 0, max: MAX_DAYS - 1 }))
  const range = fc.oneof(
    fc.constantFrom(...RANGES),
    days.map(([from, more]) => ({ from, to: addDays(from, more) })),
  )
  const filters = fc.record(Object.fromEntries(FILTERS.map((name) => [name, fc.string()])), {
    requiredKeys: [],
  })
  const currency = fc.option(fc.constantFrom('GBP', 'BRL'))
  fc.assert(
    fc.property(range, fc.constantFrom(...SIDES), currency, filters, (range, by, currency, filters) => {
      const asked = { range, by, currency, filters } as Exploration
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(writeExploration(asked)))
        if (value !== null) query.set(name, value)
      expect(readExploration(`?${query}`)).toEqual(asked)
      expect(Object.keys(NO_EXPLORATION)).toEqual(expect.arrayContaining([...query.keys()]))
    }),
  )
  expect(readExploration('?range=2011-02-30..&by=hat')).toEqual({
    ...{ range: '28d', by: 'country', currency: null, filters: {} },
  })
})

it('moves named ranges on with the days', () => {
  const at = (today: string) => Object.fromEntries(RANGES.map((name) => [name, daysOf(name, today)]))
  expect(at('2024-03-01')).toEqual({
    today: { from: '2024-03-01', to: '2024-03-01' },
    yesterday: { from: '2024-02-29', to: '2024-02-29' },
    '7d': { from: '2024-02-24', to: '2024-03-01' },
    '28d': { from: '2024-02-03', to: '2024-03-01' },
    month: { from: '2024-03-01', to: '2024-03-01' },
    'last-month': { from: '2024-02-01', to: '2024-02-29' },
    '365d': { from: '2023-03-03', to: '2024-03-01' },
  })
  expect(daysOf('last-month', '2024-01-31')).toEqual({ from: '2023-12-01', to: '2023-12-31' })
})

it('puts typed days in order, and takes no more than can be asked for', () => {
  fc.assert(
    fc.property(day, day, (one, other) => {
      const { from, to } = typedDays(one, other)!
      expect([from <= to, to]).toEqual([true, one < other ? other : one])
      expect(everyDay({ from, to }).length).toBeLessThanOrEqual(MAX_DAYS)
    }),
  )
  expect(typedDays('', '2011-11-17')).toBeNull()
  expect(typedDays('2011-13-01', '2011-11-17')).toBeNull()
})

it('asks for what it shows', () => {
  const exploration = {
    range: '7d',
    by: 'region',
    currency: 'EUR',
    filters: { country: '', rep: 'Ines & Co' },
  } as const
  expect(questionOf(exploration, { axis: 'sale', today: '2011-11-17' })).toBe(
    'from=2011-11-11&to=2011-11-17&axis=sale&by=region&country=&rep=Ines+%26+Co&currency=EUR',
  )
})

const sums = (revenue: string, orders = 1) => ({ revenue, sales: revenue, refunds: '0', orders, units: '1' })
const ANSWER: ExploreAnswer = {
  ...{ from: '2011-11-15', to: '2011-11-18', currency: 'GBP', by: 'country', currencies: ['GBP'] },
  total: sums('80', 3),
  days: [
    { day: '2011-11-16', ...sums('100', 2) },
    { day: '2011-11-18', ...sums('-25') },
  ],
  values: [
    { value: 'Norway', ...sums('60') },
    { value: '', ...sums('30') },
  ],
  others: { values: 1, ...sums('-10') },
}

it('has a bar for every day, and those that lost hang below the line', () => {
  const { bars, baseline } = dayBars(ANSWER)
  expect(baseline).toBeCloseTo(0.8)
  expect(bars.map(({ day, revenue, isLoss }) => [day, revenue, isLoss])).toEqual([
    ['2011-11-15', '0', false],
    ['2011-11-16', '100', false],
    ['2011-11-17', '0', false],
    ['2011-11-18', '-25', true],
  ])
  expect([bars[1]!.top, bars[1]!.height, bars[3]!.top, bars[3]!.height].map((x) => x.toFixed(2))).toEqual([
    ...['0.00', '0.80', '0.80', '0.20'],
  ])
  expect(bars[1]!.text).toBe('Wed 16 November 2011: 100.00 · 2 orders')
})

it('names what was not told, and nothing can be held to all others', () => {
  expect(exploreRows(ANSWER).map(({ value, name, share }) => [value, name, share])).toEqual([
    ['Norway', 'Norway', 1],
    ['', 'not told', 0.5],
    [null, '1 other', 0],
  ])
})
