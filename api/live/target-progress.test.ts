import { describe, expect, it } from 'vitest'
import type { Target } from '../../core/contracts/notes.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { periodAround, progressOf, targetsInForce } from './target-progress.ts'

const LONDON = 'Europe/London'
const target = { series: 'revenue', period: 'week', amount: '700' } as const
const around = (day: string, period: 'day' | 'week' | 'month') => {
  const { first, last } = periodAround(parseDay(day), period)
  return `${formatDay(first)} ${formatDay(last)}`
}

describe('a period', () => {
  it.each([
    ['2024-02-29', '2024-02-26 2024-03-03'],
    ['2024-02-26', '2024-02-26 2024-03-03'],
    ['2024-03-03', '2024-02-26 2024-03-03'],
    ['2024-01-01', '2024-01-01 2024-01-07'],
    ['2023-12-31', '2023-12-25 2023-12-31'],
  ])('of a week begins on Monday: %s', (day, expected) => expect(around(day, 'week')).toBe(expected))

  it.each([
    ['2024-02-29', '2024-02-01 2024-02-29'],
    ['2023-02-28', '2023-02-01 2023-02-28'],
    ['2023-12-31', '2023-12-01 2023-12-31'],
    ['2024-01-01', '2024-01-01 2024-01-31'],
  ])('of a month ends with its last day: %s', (day, expected) => expect(around(day, 'month')).toBe(expected))

  it('has as much time as it has: a day without an hour is over half sooner', () => {
    const at = (text: string, period: 'day' | 'week') =>
      progressOf({ ...target, period }, { nowMs: Date.parse(text), timeZone: LONDON, days: [] }).elapsedShare
    // 31 March 2024 has 23 hours in London, 27 October 25.
    expect(at('2024-03-31T11:30:00Z', 'day')).toBe(0.5)
    expect(at('2024-10-27T11:30:00Z', 'day')).toBe(0.5)
    expect(at('2024-10-26T23:00:00Z', 'day')).toBe(0)
    expect(at('2024-03-31T23:00:00Z', 'week')).toBe(0)
    expect(at('2024-03-31T22:59:59.999Z', 'week')).toBe(1)
    expect(at('2024-10-30T00:00:00Z', 'week')).toBe(0.2857)
  })
})

describe('progress', () => {
  const day = (name: string, revenue: string, orders = 1) => ({ day: name, revenue, orders })
  const DAYS = [
    day('2024-03-24', '5000'),
    day('2024-03-25', '100.10'),
    day('2024-03-31', '-20.0001'),
    day('2024-04-01', '77'),
  ]
  const on = (text: string, more: object = {}) =>
    progressOf({ ...target, ...more }, { nowMs: Date.parse(text), timeZone: LONDON, days: DAYS })

  it('counts the days of the period alone, to the last decimal, on its last evening too', () => {
    expect(on('2024-03-31T22:30:00Z')).toMatchObject({
      ...{ first: '2024-03-25', last: '2024-03-31', before: '100.10', reached: '80.0999' },
      ...{ share: 0.1144, daysLeft: 1, neededPerDay: '599.90' },
    })
    expect(on('2024-03-31T23:30:00Z')).toMatchObject({
      first: '2024-04-01',
      before: '0.00',
      reached: '77.00',
    })
  })

  it('asks for nothing more when all is reached, and for no half of an order', () => {
    expect(on('2024-03-26T12:00:00Z', { amount: '100' })).toMatchObject({
      share: 1.001,
      neededPerDay: '0.00',
    })
    const orders = on('2024-03-26T12:00:00Z', { series: 'orders', amount: '8' })
    // Seven in six days.
    expect(orders).toMatchObject({ amount: '8', before: '1', reached: '1', daysLeft: 6, neededPerDay: '2' })
  })
})

describe('what holds', () => {
  const set = (from: string, amount: string, more: Partial<Target> = {}): Target => ({
    ...{ series: 'revenue', period: 'day', from, amount, currency: 'GBP', by: 'adam', ...more },
  })

  it('began last of its kind and not after the day, in the tenant’s currency', () => {
    const all = [
      ...[set('2024-03-02', '3'), set('2024-03-01', '2'), set('2024-02-01', '1')],
      ...[set('2024-03-01', '9', { currency: 'EUR' }), set('2024-01-01', '7', { period: 'month' })],
      set('2024-01-01', '5', { series: 'orders', currency: null }),
    ]
    const amounts = (day: string) => targetsInForce(all, day, 'GBP').map(({ amount }) => amount)
    expect(amounts('2024-03-01')).toEqual(['2', '5', '7'])
    expect(amounts('2024-03-05')).toEqual(['3', '5', '7'])
    expect(amounts('2023-12-31')).toEqual([])
  })
})
