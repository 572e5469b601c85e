import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partitionOf, SEGMENT_MODES } from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'
import { cellLabeller, ruleLabeller, segmentLabeller } from './label-cells.ts'
import { listMoves } from './list-moves.ts'
import { type CustomerValues, LiveThresholds } from './live-thresholds.ts'
import { type RfmColumns, sharedColumns } from './rfm-columns.ts'
import { scoreRfm } from './score-rfm.ts'

const ROWS = 40

describe('thresholds that are kept', () => {
  it('equal those of a scoring of all, after every insert, change and removal', () => {
    fc.assert(
      fc.property(fc.array(step(), { maxLength: 60 }), (steps) => {
        const columns = sharedColumns(ROWS)
        const live = new LiveThresholds()
        for (const { row, values } of steps) {
          live.change(at(columns, row), values)
          put(columns, row, values)
          expect(live.cuts()).toEqual(scoreRfm(columns, new Uint8Array(ROWS)))
        }
        expect(LiveThresholds.of(columns).cuts()).toEqual(live.cuts())
      }),
      { numRuns: 30 },
    )
  })

  it('equal them with many thousands of values, begun from columns and changed since', () => {
    const random = randomIntegers(7)
    const columns = sharedColumns(20_000)
    for (let row = 0; row < 20_000; row++) put(columns, row, anyValues(random))
    const live = LiveThresholds.of(columns)
    for (let change = 0; change < 20_000; change++) {
      const row = random(20_000)
      const values = change % 10 === 0 ? { lastDay: 0, orders: 0, monetaryE4: 0 } : anyValues(random)
      live.change(at(columns, row), values)
      put(columns, row, values)
    }
    expect(live.customers).toBe(columns.orders.filter((orders) => orders > 0).length)
    expect(live.cuts()).toEqual(scoreRfm(columns, new Uint8Array(20_000)))
  })

  it('refuses what was never there, and money that is not exact', () => {
    const live = new LiveThresholds()
    live.insert({ lastDay: 20_000, orders: 1, monetaryE4: 5 })
    expect(() => live.remove({ lastDay: 20_000, orders: 1, monetaryE4: 6 })).toThrow(/not among/)
    expect(() => live.insert({ lastDay: 20_000, orders: 1, monetaryE4: 0.5 })).toThrow(/integer/)
    expect(live.customers).toBe(1)
  })
})

describe('moves', () => {
  const random = randomIntegers(3)
  const columns = sharedColumns(10_000)
  for (let row = 0; row < 10_000; row++) put(columns, row, anyValues(random))
  const segmentOfCell = partitionOf(SEGMENT_MODES.default)
  const label = segmentLabeller(columns, scoreRfm(columns, new Uint8Array(10_000)), segmentOfCell)

  it('come in bounded batches that go on where the last ended, each customer once', () => {
    const segments = new Uint8Array(10_000)
    const wanted = new Uint8Array(10_000)
    label({ from: 0, to: 10_000 }, wanted)
    const seen: number[] = []
    for (let cursor: number | null = 0; cursor !== null; ) {
      const moves = listMoves({ segments, label, cursor, limit: 700, maxRows: 3_000 })
      expect(moves.rows.length).toBeLessThanOrEqual(700)
      expect([...moves.from].every((from, i) => from === segments[moves.rows[i]!])).toBe(true)
      for (const [i, row] of moves.rows.entries()) segments[row] = moves.to[i]!
      seen.push(...moves.rows)
      cursor = moves.cursor
    }
    expect(seen).toEqual([...wanted.keys()].filter((row) => wanted[row] !== 0))
    expect(segments).toEqual(wanted)
    expect(listMoves({ segments, label, cursor: 0, limit: 9 })).toMatchObject({
      cursor: null,
      rows: new Uint32Array(),
    })
  })

  it('follow a new order: the customer, and those whom the new cuts move', () => {
    const before = new Uint8Array(10_000)
    cellLabeller(columns, scoreRfm(columns, new Uint8Array(10_000)))({ from: 0, to: 10_000 }, before)
    const row = before.indexOf(0)
    const old = at(columns, row)
    put(columns, row, { lastDay: 20_600, orders: 400, monetaryE4: 9e9 })
    const cuts = scoreRfm(columns, new Uint8Array(10_000))
    const moves = listMoves({
      segments: before,
      label: cellLabeller(columns, cuts),
      cursor: 0,
      limit: 10_000,
    })
    expect(moves.to[moves.rows.indexOf(row)]).toBe(124)
    put(columns, row, old)
  })

  it('follow the day where rules ask for recency: 31 days after it, an order is no longer of the last 30', () => {
    const few = sharedColumns(2)
    put(few, 0, { lastDay: 20_000, orders: 12, monetaryE4: 2e7 })
    const segments = new Uint8Array([0, 255])
    const on = (today: number) =>
      listMoves({ segments, label: ruleLabeller(few, DEFAULT_SEGMENT_RULES, today), cursor: 0, limit: 5 })
    expect([...on(20_030).rows]).toEqual([])
    expect(on(20_031)).toMatchObject({
      rows: Uint32Array.of(0),
      from: Uint8Array.of(0),
      to: Uint8Array.of(1),
    })
  })
})

function step(): fc.Arbitrary<{ row: number; values: CustomerValues }> {
  const values = fc.record({
    lastDay: fc.integer({ min: 20_400, max: 20_412 }),
    orders: fc.integer({ min: 0, max: 6 }),
    monetaryE4: fc.oneof(fc.integer({ min: -2, max: 9 }), fc.integer({ min: -1e12, max: 1e12 })),
  })
  return fc.record({ row: fc.nat(ROWS - 1), values })
}

function anyValues(random: (below: number) => number): CustomerValues {
  return { lastDay: 20_000 + random(500), orders: 1 + random(20), monetaryE4: random(4_000_000) * 100 }
}

function at({ lastDay, orders, monetaryE4 }: RfmColumns, row: number): CustomerValues {
  return { lastDay: lastDay[row]!, orders: orders[row]!, monetaryE4: monetaryE4[row]! }
}

function put(columns: RfmColumns, row: number, { lastDay, orders, monetaryE4 }: CustomerValues): void {
  columns.lastDay[row] = lastDay
  columns.orders[row] = orders
  columns.monetaryE4[row] = monetaryE4
}

/** A seeded sequence, so that a failure comes again. */
function randomIntegers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
