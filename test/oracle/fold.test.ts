/**
 * The fold alone against the books, without log and table: fast enough for hundreds of seeds with records that come in
 * any order at all. What it got wrong once is at the end.
 */
import { describe, expect, it } from 'vitest'
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { type OrderFact, parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { foldOrder } from '../../processors/orders/fold-order.ts'
import { diffLedgers } from './diff-ledgers.ts'
import { booksOfRows } from './read-log.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH_SHOP, SOUTH_SHOP } from './shops.ts'

const SEEDS = 60
const ALL = Number.MAX_SAFE_INTEGER

/** Folds everything that the source has, and answers its re-reads when all else was read. */
function foldSource(source: SeededSource): { rows: Map<string, OrderRow>; records: number } {
  const rows = new Map<string, OrderRow>()
  const queue = source.nextEvents(ALL)
  for (let index = 0; index < queue.length; index++) {
    const fact = parseOrdersTopicEvent(JSON.parse(Buffer.from(queue[index]!.value).toString('utf8')))
    if (fact.type === 'source.progress' || fact.role !== 'sale') continue
    const { row, reread } = foldOrder(rows.get(orderKey(fact)), fact, source.shop.zone)
    if (row) rows.set(orderKey(fact), row)
    if (reread) queue.push(...source.answer({ ...fact, commandId: `c${index}` })!)
  }
  return { rows, records: queue.length }
}

describe('the fold, over many seeds', () => {
  it('books what was sold, in whatever order it is told', () => {
    let records = 0
    const said: string[] = []
    for (let seed = 1; seed <= SEEDS; seed++) {
      const shop = seed % 2 === 0 ? NORTH_SHOP : SOUTH_SHOP
      const duplicates = (['none', 'every-fifth', 'all'] as const)[seed % 3]!
      const shuffleWindow = [0, 25, 5_000][seed % 3]!
      const source = new SeededSource({
        seed: 1_000 + seed,
        shop,
        orders: 40,
        bad: false,
        duplicates,
        shuffleWindow,
      })
      const folded = foldSource(source)
      records += folded.records
      const ledger = booksOfRows(folded.rows.values()).ledger()
      said.push(...diffLedgers(`seed ${1_000 + seed}`, ledger, source.books().ledger()))
    }
    console.log(`oracle, fold alone: ${SEEDS} seeds, ${records} records: ${said.length} differences`)
    expect(said).toEqual([])
  })
})

const order = (version: number, changedAt: string, more: object = {}) => ({
  ...{ type: 'order', ...addressOf(version, changedAt), status: 'processing', currency: 'EUR', total: '100' },
  ...{ placedAt: '2025-05-01T10:00:00Z', ...more },
})
const cancellation = (version: number, at: string) => ({
  ...{ type: 'order.cancellation', ...addressOf(version, at), cancellation: { id: 'c', at } },
})
function addressOf(version: number, changedAt: string) {
  return { schemaVersion: 1, tenant: 'north', source: 'shop', orderId: '1', version, changedAt }
}

function foldAll(...events: object[]): { row: OrderRow; booked: string[]; rereads: number } {
  let row: OrderRow | undefined
  let rereads = 0
  for (const event of events) {
    const outcome = foldOrder(row, parseOrdersTopicEvent(event) as OrderFact, 'Europe/Berlin')
    row = outcome.row ?? row
    if (outcome.reread) rereads += 1
  }
  const booked = row!.bookedAmount.map((amount, i) => `${formatDay(row!.bookedDay[i]!)} ${amount / 10_000}`)
  return { row: row!, booked, rereads }
}

describe('the fold, what it got wrong once', () => {
  it('a rival of a version that is no longer present books alike whenever it comes, or is read again', () => {
    const [first, last] = [
      order(1, '2025-05-01T10:00:00Z'),
      order(3, '2025-05-09T10:00:00Z', { total: '130' }),
    ]
    const one = order(2, '2025-05-02T10:00:00Z', { total: '110' })
    const other = order(2, '2025-05-02T10:00:00Z', { total: '120' })
    const late = foldAll(first, other, last, one)
    const inTime = foldAll(first, one, other, last)
    if (late.rereads === 0) expect(late.booked).toEqual(inTime.booked)
  })

  it('a cancellation of a later version counts, though told for the same second', () => {
    const { row } = foldAll(order(1, '2025-05-01T10:00:00Z'), cancellation(2, '2025-05-01T10:00:00Z'))
    expect(row.counts).toBe(0)
  })

  it('a snapshot of an older version that comes late does not restore a cancelled order', () => {
    const told = [order(1, '2025-05-01T10:00:00Z'), cancellation(3, '2025-05-02T10:00:00Z')]
    expect(foldAll(...told, order(2, '2025-05-02T10:00:01Z')).row.counts).toBe(0)
  })

  it('an order that is cancelled before it counts is cancelled', () => {
    const told = [
      order(1, '2025-05-01T10:00:00Z', { status: 'pending' }),
      cancellation(2, '2025-05-02T10:00:00Z'),
    ]
    expect(foldAll(...told).row.status).toBe('cancelled')
  })

  it('a refund is positive', () => {
    const refund = { id: 'r', at: '2025-05-02T10:00:00Z', amount: '-5' }
    const event = { type: 'order.refund', ...addressOf(2, '2025-05-02T10:00:00Z'), refund }
    expect(() => parseOrdersTopicEvent(event)).toThrow()
  })
})
