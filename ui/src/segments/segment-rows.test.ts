import { expect, it } from 'vitest'
import { segmentRows, totalOf } from './segment-rows.ts'

const ANSWER = {
  segments: [
    { segment: 'champions', customers: 1, revenue: '300.005' },
    { segment: 'lost', customers: 3, revenue: '100.0' },
  ],
  moves: [
    { from: null, to: 'champions', customers: 1, revenue: '5' },
    { from: 'lost', to: 'champions', customers: 2, revenue: '5' },
    { from: 'new', to: null, customers: 4, revenue: '0' },
  ],
}

it('adds up customers, revenue, and who came and left', () => {
  const rows = segmentRows(ANSWER)
  expect(rows.map(({ segment, came, left }) => [segment, came, left])).toEqual([
    ['champions', 3, 0],
    ['lost', 0, 2],
    ['new', 0, 4],
  ])
  expect(rows.map(({ customersPerMille }) => customersPerMille)).toEqual([250n, 750n, 0n])
  expect(rows[0]!.revenuePerMille).toBe(750n)
  expect(totalOf(rows)).toEqual({ customers: 4, revenue: '400.0050' })
})

it('has no shares where nothing was sold', () => {
  const segments = [{ segment: 'lost', customers: 1, revenue: '-2.00' }]
  expect(segmentRows({ ...ANSWER, segments, moves: [] })[0]).toMatchObject({ revenuePerMille: null })
  expect(segmentRows({ ...ANSWER, segments: [], moves: [] })).toEqual([])
})
