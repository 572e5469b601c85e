/** The way straight from bytes to columns against the fold: whatever comes, the same bytes for ClickHouse. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_PROVENANCE } from '../../clickhouse/native/decode-row.ts'
import { encodeRows } from '../../clickhouse/native/encode-rows.ts'
import { type ChangeRow, ORDER_CHANGES_COLUMNS, type OrderRow } from '../../clickhouse/native/order-row.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { type OrderEvent, orderEvent } from '../../core/contracts/order.ts'
import { anyOrder } from '../../core/contracts/testing/any-order.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { BatchComputer } from './batch-computer.ts'
import { foldOrder } from './fold-order.ts'
import { markRow } from './mark-row.ts'
import { fingerprintOf } from './order-key.ts'
import { OrderState } from './order-state.ts'
import { hashRecords } from './packed-batch.ts'
import { packBatch } from './testing/pack-batch.ts'

const ZONE = 'America/Sao_Paulo'
const context: BatchContext = {
  run: 'r1',
  topic: 'orders',
  partition: 3,
  incarnation: 'life',
  code: 'v1',
  serverStart: 7,
  tenants: new Map([['acme', { id: 'acme', name: 'A', timeZone: ZONE, currency: 'BRL' }]]),
}
const APPENDED_AT = Date.UTC(2100, 0, 1)

/** Of a table that has nothing. */
function wholeState(mark: number): OrderState {
  const state = new OrderState(mark)
  state.complete()
  return state
}

const order = (event: OrderEvent, orderId: string): OrderEvent =>
  orderEvent.parse({ ...event, tenant: 'acme', source: 'shop', orderId })

function record(event: OrderEvent, offset: number, asJson: boolean): LogRecord {
  const encoded = asJson
    ? { value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' as const }
    : encodeOrdersEvent(event)
  return { ...encoded, offset, key: '', appendedAt: APPENDED_AT }
}

function compute(computer: BatchComputer, records: LogRecord[], base?: Map<string, OrderRow>) {
  const taken = { first: records[0]!.offset, last: records.at(-1)!.offset, takenAt: 5e11, records }
  return computer.compute({ packed: packBatch(taken), progress: [], base })
}

/** What the batch must be: every event folded by itself, in order. */
function reckon(events: OrderEvent[], records: LogRecord[]) {
  const rows: ChangeRow[] = []
  const present = new Map<string, OrderRow>()
  let letters = 0
  events.forEach((event, i) => {
    if (event.role !== 'sale') return
    const from = {
      ...NO_PROVENANCE,
      takenAt: 5e11,
      topic: 'orders',
      incarnation: 'life',
      partition: 3,
      offset: records[i]!.offset,
    }
    const former = present.get(event.orderId)
    try {
      const { row } = foldOrder(former, event, ZONE)
      if (row === undefined) return
      if (former) rows.push({ ...former, ...from, sign: -1, revision: row.revision })
      rows.push({ ...row, ...from, sign: 1 })
      present.set(event.orderId, row)
    } catch (error) {
      expect(error).toBeInstanceOf(RevwallError)
      letters++
    }
  })
  return { rows, letters }
}

function expected(events: OrderEvent[], records: LogRecord[]) {
  const { rows, letters } = reckon(events, records)
  const [first, last] = [records[0]!.offset, records.at(-1)!.offset]
  const sold = events.filter(({ role }) => role === 'sale')
  const progress = new Map(
    sold.length === 0
      ? []
      : [['acme/shop', { tenant: 'acme', source: 'shop', json: '', factAt: APPENDED_AT }]],
  )
  const batch = {
    first,
    last,
    rows: rows.length,
    hash: hashRecords(records),
    mark: { first, last, progress },
  }
  const mark = markRow(batch, { takenAt: 5e11 }, context)
  return { body: encodeRows(ORDER_CHANGES_COLUMNS, [...rows, mark]).body, rows: rows.length + 1, letters }
}

const SMALL = { lines: [], refunds: [], total: '5', discount: null, shipping: null, tax: null }

/** Nine orders in ten carry no lists; they take the short way. */
const likely = fc.tuple(anyOrder, fc.nat({ max: 3 })).map(([event, n]): OrderEvent => {
  if (n === 0) return event
  return { ...event, role: 'sale', payments: [], refunds: [], cancellations: [], ...(n === 1 ? SMALL : {}) }
})

function expectTheSame(events: OrderEvent[], records: LogRecord[]): void {
  const computing = compute(new BatchComputer(context, wholeState(99)), records)
  if (computing.type !== 'batch') throw new Error('it asked')
  const wanted = expected(events, records)
  const { body, rows, deadLetters } = computing.batch
  expect({ rows, letters: deadLetters.length }).toEqual({ rows: wanted.rows, letters: wanted.letters })
  expect(Buffer.from(body).equals(Buffer.from(wanted.body))).toBe(true)
}

describe('a batch', () => {
  it('is what the fold makes of each record, byte for byte, in either form', () => {
    const some = fc.array(fc.tuple(likely, fc.nat({ max: 40 }), fc.boolean()), {
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(some, (drawn) => {
        const events = drawn.map(([event, id]) => order(event, `o-${id}`))
        expectTheSame(
          events,
          events.map((event, i) => record(event, 100 + i, drawn[i]![2])),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('is so too of orders that are told again and again, each time newer but for a few', () => {
    const edits = fc.array(fc.tuple(likely, fc.nat({ max: 2 }), fc.nat({ max: 9 })), {
      minLength: 10,
      maxLength: 40,
    })
    fc.assert(
      fc.property(edits, (drawn) => {
        const events = drawn.map(([event, id, kind], i) =>
          order(
            {
              ...event,
              role: 'sale',
              version: kind === 0 ? Math.floor(i / 2) : i,
              ...(kind > 1
                ? { kind: 'sale', currency: 'EUR', payments: [], refunds: [], cancellations: [] }
                : {}),
            },
            `o-${id}`,
          ),
        )
        expectTheSame(
          events,
          events.map((event, i) => record(event, 100 + i, drawn[i]![2] === 1)),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('asks the base table for what it knows and does not have at hand, and goes on from that', () => {
    const [first, second] = fc
      .sample(anyOrder, { numRuns: 2, seed: 3 })
      .map((event, version) =>
        order({ ...event, role: 'sale', version, status: 'completed', rereadOf: null, ...SMALL }, 'o-1'),
      ) as [OrderEvent, OrderEvent]
    const records = [record(first, 0, false), record(second, 1, false)]
    const { rows } = reckon([first, second], records)
    const state = wholeState(0)
    const other = wholeState(-1)
    const one = compute(new BatchComputer(context, other), [records[0]!])
    expect(one.type).toBe('batch')
    // What a start reads of the base table.
    const hash = { high: 0, low: 0 }
    fingerprintOf({ tenant: 'acme', source: 'shop', orderId: 'o-1' }, hash)
    state.load(Uint32Array.from([hash.high, hash.low]))
    const computer = new BatchComputer(context, state)
    expect(compute(computer, [records[1]!])).toEqual({
      type: 'asks',
      keys: [{ tenant: 'acme', source: 'shop', orderId: 'o-1' }],
    })
    const known = foldOrder(undefined, first, ZONE).row!
    const computing = compute(computer, [records[1]!], new Map([['acme/shop/o-1', known]]))
    expect(computing).toMatchObject({ type: 'batch', batch: { rows: rows.length } })
    // A stranger with the same fingerprint is new.
    const again = wholeState(0)
    again.load(Uint32Array.from([hash.high, hash.low]))
    const stranger = compute(new BatchComputer(context, again), [records[1]!], new Map())
    expect(stranger).toMatchObject({ type: 'batch', batch: { rows: 2 } })
  })

  it('computes the same once more after it was taken back', () => {
    const events = fc
      .sample(anyOrder, { numRuns: 40, seed: 5 })
      .map((event, i) => order({ ...event, role: 'sale' }, `o-${i % 7}`))
    const records = events.map((event, i) => record(event, i, i % 3 === 0))
    const state = wholeState(-1)
    const computer = new BatchComputer(context, state)
    const bodies = () => {
      const parts = [records.slice(0, 20), records.slice(20)].map((part) => compute(computer, part))
      return parts.map((part) =>
        part.type === 'batch' ? Buffer.from(part.batch.body).toString('base64') : 'asked',
      )
    }
    const before = bodies()
    expect(state.tip).toBe(39)
    state.rollBack()
    expect(state.tip).toBe(-1)
    expect(bodies()).toEqual(before)
    state.landed(19)
    state.rollBack()
    expect([state.mark, state.tip]).toEqual([19, 19])
    const half = compute(computer, records.slice(20))
    expect(half.type === 'batch' && Buffer.from(half.batch.body).toString('base64')).toBe(before[1])
  })
})
