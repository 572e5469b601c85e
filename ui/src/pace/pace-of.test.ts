import { expect, test } from 'vitest'
import type { Tiles } from '../../../core/contracts/tiles.ts'
import { tilesAt } from '../../mock/figures-of-a-day.ts'
import { paceOf } from './pace-of.ts'

test('shows the pace of the hero’s day alone, and none by day of sale', () => {
  const tiles: Tiles = tilesAt(872, 'booked', { orders: 0, revenue: '1' })
  expect(paceOf(tiles)).toBe(tiles.pace)
  expect(paceOf({ ...tiles, hero: { ...tiles.hero, day: '2011-11-18' } })).toBeNull()
  expect(paceOf({ ...tiles, hero: { ...tiles.hero, axis: 'sale' } })).toBeNull()
  expect(paceOf({ pace: tiles.pace })).toBeNull()
  expect(paceOf({ hero: tiles.hero })).toBeNull()
})
