import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countCohorts, retentionOf } from './cohorts.ts'
import { readCdnowSample } from './testing/read-cdnow.ts'

/** January 2024. */
const JANUARY = 2_024 * 12

it('counts each customer once a month, in the row of the first and the column of the months since', () => {
  const first = Int32Array.of(JANUARY, JANUARY, JANUARY + 1)
  const rows = {
    customer: Int32Array.of(0, 0, 1, 2, 0, 2, 0, 1),
    month: Int32Array.of(0, 0, 0, 1, 2, 2, 2, 3).map((after) => JANUARY + after),
  }
  const matrix = countCohorts(first, rows, JANUARY + 2)
  expect(matrix).toEqual({
    months: Int32Array.of(JANUARY, JANUARY + 1, JANUARY + 2),
    sizes: Uint32Array.of(2, 1, 0),
    active: Uint32Array.of(2, 0, 1, 1, 1, 0, 0, 0, 0),
    width: 3,
    ignored: 1,
  })
  expect(retentionOf(matrix, 0, 2)).toBe(0.5)
  expect(retentionOf(matrix, 1, 2)).toBeNull()
  expect(retentionOf(matrix, 2, 0)).toBeNull()
})

it('is that of sets, for any rows', () => {
  const row = fc.tuple(fc.nat(9), fc.nat(8))
  fc.assert(
    fc.property(fc.array(fc.nat(6), { minLength: 10, maxLength: 10 }), fc.array(row), (firsts, rows) => {
      const matrix = countCohorts(
        Int32Array.from(firsts),
        {
          customer: Int32Array.from(rows, ([who]) => who),
          month: Int32Array.from(rows, ([, month]) => month),
        },
        6,
      )
      const origin = Math.min(...firsts)
      for (let first = origin; first <= 6; first++)
        for (let after = 0; first + after <= 6; after++) {
          const who = rows.filter(([one, month]) => firsts[one] === first && month === first + after)
          expect(matrix.active[(first - origin) * matrix.width + after]).toBe(
            new Set(who.map(([one]) => one)).size,
          )
        }
    }),
    { numRuns: 100 },
  )
})

it('of CDNOW’s sample hold all customers, who all began in the first three months of 1997', () => {
  const { rows, customers } = readCdnowSample()
  const month = rows.day.map((day) => {
    const date = new Date(day * 86_400_000)
    return date.getUTCFullYear() * 12 + date.getUTCMonth()
  })
  const first = new Int32Array(customers).fill(JANUARY)
  for (const [row, who] of rows.customer.entries()) first[who] = Math.min(first[who]!, month[row]!)
  const matrix = countCohorts(first, { customer: rows.customer, month }, 1_998 * 12 + 5)
  expect(matrix.months.length).toBe(18)
  expect([...matrix.sizes].reduce((sum, size) => sum + size, 0)).toBe(2_357)
  expect([...matrix.sizes.subarray(3)].every((size) => size === 0)).toBe(true)
  expect([0, 1, 2].map((cohort) => retentionOf(matrix, cohort, 0))).toEqual([1, 1, 1])
  expect(matrix.ignored).toBe(0)
})

it('refuses what would not fit into memory', () => {
  expect(() =>
    countCohorts(Int32Array.of(0), { customer: Int32Array.of(), month: Int32Array.of() }, JANUARY),
  ).toThrow(/too large/)
})
