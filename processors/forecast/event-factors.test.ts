import { expect, it } from 'vitest'
import { dayNumber, dayText, eventsOf } from './calendar.ts'
import { eventFactors, observeEvents, poolEvents } from './event-factors.ts'
import { seriesOf } from './testing/noise.ts'

it('finds what a holiday does, and believes it more the more often it was seen', () => {
  const events = Array.from({ length: 400 }, (_, i) => (i % 40 === 20 ? ['fair'] : []))
  const values = seriesOf(400, (i) => (i % 7 === 6 ? 50 : 100) * (i % 40 === 20 ? 2 : 1))
  const often = observeEvents(values, events, 7)
  expect(often.get('fair')).toEqual({ sum: expect.closeTo(10 * Math.log(2)), count: 10 })
  // By hand: shared 10/12 of ln 2; own (10 + 2 × 10/12)/12.
  const [factor, ordinary] = eventFactors(often, often, [['fair'], []])
  expect(factor).toBeCloseTo(2 ** ((10 + 20 / 12) / 12), 9)
  expect(ordinary).toBe(1)
  const once = observeEvents(values.subarray(0, 50), events.slice(0, 50), 7)
  const alone = eventFactors(once, once, [['fair']])[0]!
  const helped = eventFactors(once, poolEvents([once, often]), [['fair']])[0]!
  expect(alone).toBeLessThan(helped)
  expect(helped).toBeLessThan(2)
})

it('multiplies what coincides, and keeps within fivefold', () => {
  const sure = new Map([
    ['a', { sum: 1e6 * Math.log(2), count: 1e6 }],
    ['b', { sum: 1e6 * Math.log(1.5), count: 1e6 }],
    ['c', { sum: 1e6 * Math.log(4), count: 1e6 }],
  ])
  const factors = eventFactors(sure, sure, [['a', 'b'], ['a', 'c'], ['unheard of']])
  expect(factors[0]).toBeCloseTo(3, 4)
  expect(factors[1]).toBeCloseTo(5, 9)
  expect(factors[2]).toBe(1)
})

it('leaves out what has no logarithm or nothing ordinary about it', () => {
  const events = [['a'], ['a'], ['a']]
  expect(observeEvents(Float64Array.of(1, 2, 3), events, 1).size).toBe(0)
  expect(observeEvents(Float64Array.of(1, 0, 1), [[], ['a'], []], 1).size).toBe(0)
})

it('names the weeks that a day falls into', () => {
  const holiday = (day: string) => (day === '2024-12-25' ? 'Christmas' : null)
  const sale = (day: string) => (day >= '2024-12-24' && day < '2025-01-01' ? 'sale' : null)
  const start = dayNumber('2024-12-16')
  expect(eventsOf([holiday, sale], { start, count: 3, step: 'week' })).toEqual([
    [],
    ['sale', 'Christmas'],
    ['sale'],
  ])
  expect(dayText(start)).toBe('2024-12-16')
  expect(() => dayNumber('16.12.2024')).toThrow('YYYY-MM-DD')
  expect(() => dayNumber('2024-13-01')).toThrow('YYYY-MM-DD')
})
