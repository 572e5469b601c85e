import { expect, it } from 'vitest'
import { HORIZON_ORDERS } from './order-watch.ts'
import { isRefitDue, LEAST_ORDERS } from './refit.ts'

const MINUTE = 60_000
const due = (seen: number, seenAtFit: number | null, sinceMs: number) =>
  isRefitDue(
    { watch: { seen }, model: seenAtFit === null ? undefined : {}, seenAtFit: seenAtFit ?? 0, fittedAtMs: 0 },
    sinceMs,
  )

it('fits at first, whenever there are twice as many orders, and in the end by half horizons and not too often', () => {
  expect(due(LEAST_ORDERS - 1, null, MINUTE)).toBe(false)
  expect(due(LEAST_ORDERS, null, MINUTE)).toBe(true)
  // One that failed is not tried at every look.
  expect(due(LEAST_ORDERS, null, 1_000)).toBe(false)
  expect([due(999, 500, MINUTE), due(1_000, 500, MINUTE)]).toEqual([false, true])
  const full = HORIZON_ORDERS
  expect([due(1.5 * full - 1, full, 60 * MINUTE), due(1.5 * full, full, 60 * MINUTE)]).toEqual([false, true])
  expect(due(3 * full, full, 9 * MINUTE)).toBe(false)
})
