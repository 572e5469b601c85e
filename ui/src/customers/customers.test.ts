import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  drawnRows,
  questionOf,
  readCustomerView,
  retainedPerMille,
  rowByKey,
  SHADES,
  shadesOf,
  writeCustomerView,
} from './customers.ts'

describe('the address', () => {
  it('has what is chosen, and nothing of what is usual', () => {
    const view = readCustomerView(
      '?panel=customers&tab=retention&sort=churn&segment=at-risk&q=14&measure=revenue',
    )
    expect(view).toEqual({
      tab: 'retention',
      sort: 'churn',
      segment: 'at-risk',
      typed: '14',
      measure: 'revenue',
    })
    expect(writeCustomerView(view)).toMatchObject({ tab: 'retention', sort: 'churn', q: '14' })
    const usual = readCustomerView('?sort=nothing&segment=A%20B')
    expect(usual).toEqual({ tab: 'list', sort: 'value', segment: null, typed: '', measure: 'customers' })
    expect(Object.values(writeCustomerView(usual))).toEqual([null, null, null, null, null])
    expect(questionOf(view, 5)).toBe('/api/v1/customers/values?sort=churn&limit=5&segment=at-risk&q=14')
  })
})

describe('drawn rows', () => {
  it('are those in sight with a few around, wherever it is scrolled to, and never many', () => {
    fc.assert(
      fc.property(
        fc.record({ top: fc.nat(60_000), height: fc.integer({ min: 1, max: 900 }) }),
        fc.integer({ min: 20, max: 60 }),
        fc.integer({ min: 1, max: 1_000 }),
        (scrolled, rowHeight, count) => {
          const { first, last } = drawnRows(scrolled, rowHeight, count)
          expect(first).toBeGreaterThanOrEqual(0)
          expect(last).toBeLessThanOrEqual(count)
          expect(last).toBeGreaterThan(first)
          expect(last - first).toBeLessThanOrEqual(Math.ceil(scrolled.height / rowHeight) + 12)
          const top = Math.min(scrolled.top, Math.max(0, count * rowHeight - scrolled.height))
          expect(first * rowHeight).toBeLessThanOrEqual(top)
          expect(Math.min(count * rowHeight, top + scrolled.height)).toBeLessThanOrEqual(last * rowHeight)
        },
      ),
    )
  })

  it('are reached by key, not beyond the ends', () => {
    const where = { page: 10, count: 35 }
    expect(
      ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'x'].map((key) =>
        rowByKey(key, 30, where),
      ),
    ).toEqual([31, 29, 34, 20, 0, 34, null])
    expect(rowByKey('ArrowUp', 0, where)).toBe(0)
  })
})

describe('cohorts', () => {
  const cell = (after: number, customers: number, revenue: string) => ({ after, customers, revenue })
  const cohorts = [
    { month: '2011-01', customers: 100, cells: [cell(0, 100, '900'), cell(1, 50, '100'), cell(2, 1, '-3')] },
    { month: '2011-02', customers: 0, cells: [cell(0, 0, '0'), cell(1, 0, '0')] },
    { month: '2011-03', customers: 10, cells: [cell(0, 10, '90')] },
  ]

  it('are as dark as their share of the largest that came again', () => {
    expect(shadesOf(cohorts, 'customers')).toEqual([[0, SHADES, 1], [0, 0], [0]])
    expect(shadesOf(cohorts, 'revenue')).toEqual([[0, SHADES, 0], [0, 0], [0]])
    expect(shadesOf([], 'customers')).toEqual([])
  })

  it('have no shares where nobody began', () => {
    expect(cohorts.map((one) => retainedPerMille(one, one.cells[0]!.customers))).toEqual([
      1_000n,
      null,
      1_000n,
    ])
  })
})
