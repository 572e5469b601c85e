import { expect, test } from 'vitest'
import { countryBars, MAX_ROWS, productBars } from './bar-rows.ts'

test('draws the first rows against the longest; what went back has no bar', () => {
  const rows = countryBars([
    { country: 'United Kingdom', revenue: '200.00', orders: 2 },
    { country: 'Japan', revenue: '50', orders: 1 },
    { country: 'EIRE', revenue: '-5', orders: 1 },
  ])
  expect(rows.map(({ share }) => share)).toEqual([1, 0.25, 0])
  expect(rows[2]?.value).toBe('−5')
  const many = Array.from({ length: 9 }, (_, at) => ({ sku: `${at}`, name: '', revenue: '1', units: '1' }))
  expect(productBars(many)).toHaveLength(MAX_ROWS)
  expect(productBars(many)[0]?.name).toBe('0')
})
