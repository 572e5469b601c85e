import { expect, test } from 'vitest'
import { tilesAt } from '../../mock/figures-of-a-day.ts'
import { paceOf } from '../pace/pace-of.ts'
import { dayTarget, formatShare } from './target-of-day.ts'

const NOON = tilesAt(720, 'booked', { orders: 0, revenue: '39426.18' })
const withTarget = (revenue: string | null, orders: number | null = null, more: object = {}) => {
  const tiles = { ...NOON, ...more, notes: { ...NOON.notes, target: { revenue, orders } } }
  return dayTarget(tiles, paceOf(tiles))
}

test('says how far the day is, and whether it is heading beyond', () => {
  // The mock's day ends at 61,234.56.
  expect(withTarget('58000')).toMatchObject({
    amount: '58000',
    currency: 'GBP',
    verdict: 'above',
    elapsedShare: 0.5,
  })
  expect(withTarget('58000')?.share).toBeCloseTo(0.67976, 4)
  expect(withTarget('61234.57')?.verdict).toBe('below')
  expect(withTarget('39426.18')?.verdict).toBe('reached')
  expect(withTarget('39426.1801')?.verdict).toBe('above')
})

test('revenue goes before orders, and of orders nobody knows where they end', () => {
  expect(withTarget('58000', 10)?.amount).toBe('58000')
  expect(withTarget(null, 100)).toMatchObject({
    amount: '100',
    currency: null,
    share: 0.87,
    end: null,
    verdict: 'open',
  })
})

test('is nothing where nothing is set, of another day, or on the axis that goes on changing', () => {
  expect(withTarget(null)).toBeNull()
  expect(withTarget('5', null, { hero: { ...NOON.hero, day: '2011-11-18' } })).toBeNull()
  expect(withTarget('5', null, { hero: { ...NOON.hero, axis: 'sale' } })).toBeNull()
})

test('never says 100 % of what is not reached', () => {
  expect([0.999999, 1, 0.684, -0.05].map(formatShare)).toEqual(['99 %', '100 %', '68 %', '−5 %'])
})
