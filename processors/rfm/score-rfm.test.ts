import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scoresOf } from '../../core/segments/cells.ts'
import { partitionOf, SEGMENT_MODES } from '../../core/segments/segment-modes.ts'
import { recencyCuts } from './quintile-cuts.ts'
import { MIN_CUSTOMERS, type RfmColumns, sharedColumns, UNSCORED } from './rfm-columns.ts'
import { runScoreTask, type ScoreTask, scoreInRanges } from './score-in-ranges.ts'
import { scoreRfm } from './score-rfm.ts'
import { naiveScores } from './testing/naive-scores.ts'
import { RFM_TODAY, readRfmOrders } from './testing/read-rfm-orders.ts'

/** Customers, orders and revenue of each segment, as the package's documentation prints them. */
const R_TABLE: Record<string, [number, number, number]> = {
  champions: [35, 316, 31_646],
  'potential-loyalist': [342, 2_211, 204_856],
  loyal: [170, 799, 76_562],
  promising: [9, 28, 4_249],
  new: [104, 329, 28_837],
  'cant-lose': [47, 274, 32_446],
  'at-risk': [28, 216, 22_227],
  'need-attention': [10, 57, 4_562],
  'about-to-sleep': [102, 283, 23_449],
  lost: [148, 393, 35_324],
}

describe('R’s package rfm', () => {
  const columns = readRfmOrders()
  const cells = new Uint8Array(columns.orders.length)
  const cuts = scoreRfm(columns, cells)!

  it('cuts where R cuts', () => {
    expect(cuts.customers).toBe(995)
    expect(recencyCuts(cuts, RFM_TODAY)).toEqual([115, 181, expect.closeTo(297.4, 9), 482])
    expect(cuts.orders.firsts).toEqual([4, 5, 6, 8])
    expect(cuts.monetaryE4.firsts.map((value) => Math.round(value / 10_000))).toEqual([256, 382, 506, 666])
  })

  it('gives every segment the customers, orders and revenue that R gives it', () => {
    const mode = SEGMENT_MODES['r-rfm']
    const segmentOfCell = partitionOf(mode)
    const table: Record<string, [number, number, number]> = {}
    for (let row = 0; row < 995; row++) {
      const { id } = mode.segments[segmentOfCell[cells[row]!]!]!
      table[id] ??= [0, 0, 0]
      table[id][0] += 1
      table[id][1] += columns.orders[row]!
      table[id][2] += columns.monetaryE4[row]! / 10_000
    }
    expect(table).toEqual(R_TABLE)
  })
})

describe('scores of any columns', () => {
  it('are those of sorted values, ties, free slots, zero and negative values included', () => {
    fc.assert(
      fc.property(fc.array(customer(), { maxLength: 60 }), (customers) => {
        const columns = columnsOf(customers)
        const cells = new Uint8Array(customers.length)
        scoreRfm(columns, cells)
        expect([...cells].map(triple)).toEqual(naiveScores(columns, 20_500))
      }),
      { numRuns: 300 },
    )
  })

  it('are the same by several threads as by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(customer(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (customers, ranges) => {
          const columns = columnsOf(customers)
          const whole = new Uint8Array(customers.length)
          const cuts = scoreRfm(columns, whole)
          const cells = new Uint8Array(customers.length)
          // Cloned as between threads; shared memory stays shared.
          const run = async (task: ScoreTask) => structuredClone(runScoreTask(task))
          expect(await scoreInRanges({ columns, cells, ranges, run })).toEqual(cuts)
          expect(cells).toEqual(whole)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('stay when a day passes: nobody’s rank by recency has changed', () => {
    const columns = columnsOf(Array.from({ length: 50 }, (_, i) => [20_000 + ((i * 7) % 90), 1 + (i % 9), i]))
    expect(naiveScores(columns, 20_500)).toEqual(naiveScores(columns, 20_501))
  })

  it('does not exist below five customers', () => {
    for (let count = 0; count < MIN_CUSTOMERS; count++) {
      const cells = new Uint8Array(count)
      expect(scoreRfm(columnsOf(Array.from({ length: count }, () => [20_000, 1, 5])), cells)).toBeNull()
      expect([...cells].every((cell) => cell === UNSCORED)).toBe(true)
    }
  })

  it('refuses money that is not exact', () => {
    for (const wrong of [Number.NaN, 2 ** 53, -(2 ** 60), 0.25, Number.POSITIVE_INFINITY])
      expect(() => scoreRfm(columnsOf([[20_000, 1, wrong]]), new Uint8Array(1))).toThrow(/integer/)
  })
})

type Customer = [lastDay: number, orders: number, monetaryE4: number]

/** Few different values, so that ties and gaps are usual; now and then any amount there may be. */
function customer(): fc.Arbitrary<Customer> {
  const amount = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -20, max: 20 }).map((units) => units * 10_000),
    fc.integer({ min: -2e9, max: 2e9 }),
    fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    fc.integer({ min: 2 ** 40, max: 2 ** 40 + 2 ** 29 }),
  )
  return fc.tuple(fc.integer({ min: 20_400, max: 20_410 }), fc.integer({ min: 0, max: 8 }), amount)
}

function columnsOf(customers: readonly (readonly number[])[]): RfmColumns {
  const columns = sharedColumns(customers.length)
  for (const [row, [lastDay, orders, monetaryE4]] of customers.entries()) {
    columns.lastDay[row] = lastDay!
    columns.orders[row] = orders!
    columns.monetaryE4[row] = monetaryE4!
  }
  return columns
}

function triple(cell: number): [number, number, number] | null {
  if (cell === UNSCORED) return null
  const { recency, frequency, monetary } = scoresOf(cell)
  return [recency, frequency, monetary]
}
