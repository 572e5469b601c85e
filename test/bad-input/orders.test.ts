/** Pushed orders and records on the topic: whatever comes, what is right lands once and what is not is told. */
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { orderEvent } from '../../core/contracts/order.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { waitUntil } from '../cli/wait-until.ts'
import {
  type Accepted,
  compareLanded,
  fineOrder,
  noteAccepted,
  type RawOrder,
  untilLanded,
} from './accepted-orders.ts'
import { badRecords } from './bad-records.ts'
import { NAUGHTY_TEXTS, REFUSED_TEXTS, WRONG_TYPES } from './naughty-strings.ts'
import { openTestHouse, PARTITIONS, TENANT, type TestHouse } from './open-house.ts'

let house: TestHouse
const accepted: Accepted = new Map()
let made = 0
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house?.close())

const nextTotal = () => 10_000 + ++made * 101

/** Pushes them as lines, notes what was accepted, and returns the indexes of what was not. */
async function push(orders: readonly RawOrder[]): Promise<Set<number>> {
  const lines = orders.map((order) => JSON.stringify(order)).join('\n')
  const { status, body } = await house.post(lines, { 'content-type': 'application/x-ndjson' })
  expect([202, 400], JSON.stringify(body)).toContain(status)
  const rejected = new Set<number>(body.rejected.map(({ index }: { index: number }) => index))
  expect(body.rejectedCount).toBe(rejected.size)
  expect(body.accepted).toBe(orders.length - rejected.size)
  for (const [index, order] of orders.entries()) if (!rejected.has(index)) noteAccepted(accepted, order)
  return rejected
}

describe('POST /ingest/orders', () => {
  test('takes every text that an identifier may be, and no other', async () => {
    const inId = (text: string) => fineOrder(text, nextTotal(), { source: 'naughty-ids' })
    const inFields = (text: string, i: number) =>
      fineOrder(`field-${i}`, nextTotal(), {
        source: 'naughty-fields',
        customerId: text,
        country: text,
        salesRep: text,
        references: [{ system: text, id: text }],
        lines: [{ sku: text, name: text, quantity: '1', unitPrice: '1' }],
      })
    const fine = [...NAUGHTY_TEXTS.map(inId), ...NAUGHTY_TEXTS.map(inFields)]
    const refused = [...REFUSED_TEXTS.map(inId), ...REFUSED_TEXTS.map(inFields)]
    expect([...(await push(fine))].map((index) => NAUGHTY_TEXTS[index % NAUGHTY_TEXTS.length])).toEqual([])
    const rejected = await push(refused)
    expect([...refused.keys()].filter((index) => !rejected.has(index))).toEqual([])
  })

  test('takes no text and no type where it wants another', async () => {
    const values = [...NAUGHTY_TEXTS, ...REFUSED_TEXTS, ...WRONG_TYPES]
    for (const field of [
      'type',
      'source',
      'version',
      'changedAt',
      'placedAt',
      'status',
      'currency',
      'total',
      'lines',
    ]) {
      const orders = values.map((value, i) => fineOrder(`${field}-${i}`, nextTotal(), { [field]: value }))
      const rejected = await push(orders)
      const passed = values.filter((_, index) => !rejected.has(index))
      // A few of the texts are what the field wants.
      const right = values.filter((value) => orderEvent.safeParse(stamped({ [field]: value })).success)
      expect(passed, field).toEqual(right)
      expect(passed.length, field).toBeLessThan(25)
    }
  })

  test('reads numbers that JSON can write and nobody can hold as what they are: wrong', async () => {
    const text = (key: string, value: string) =>
      JSON.stringify(fineOrder(`number-${key}`, nextTotal())).replace(/"version":1/, `"version":${value}`)
    for (const value of ['1e400', '-1e400', '9007199254740993', '1.5', '-1', '"1"', 'true']) {
      const { status, body } = await house.post(text(value, value))
      expect([value, status, body.rejected?.[0]?.code]).toEqual([value, 400, 'INVALID'])
    }
    for (const value of ['NaN', 'Infinity', '01', '+1', '0x1', '1.', "'1'"])
      expect((await house.post(text(value, value))).body.error.code, value).toBe('BAD_REQUEST')
  })

  test('a key that comes twice is the last one, and a prototype is a key like any other', async () => {
    const twice = fineOrder('twice', nextTotal())
    const text = JSON.stringify(twice).replace(
      '{',
      '{"orderId":"first","total":"1","__proto__":{"total":"2"},',
    )
    expect((await house.post(text)).status).toBe(202)
    noteAccepted(accepted, twice)
  })

  test('sent again it changes nothing', async () => {
    const orders = ['again-1', 'again-2'].map((id) => fineOrder(id, nextTotal()))
    for (let i = 0; i < 3; i++) expect(await push([...orders, ...orders])).toEqual(new Set())
  })

  test('any JSON is answered within bounds, and what is accepted lands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyItem(), { maxLength: 12 }), fc.boolean(), async (items, wrapped) => {
        const known = items.map((item) => own(item))
        const { status, body } = await house.post(wrapped ? { orders: known } : known)
        expect([202, 400]).toContain(status)
        expect(status === 202).toBe(body.accepted > 0)
        const rejected = new Set(body.rejected.map(({ index }: { index: number }) => index))
        expect(body.accepted + rejected.size).toBe(known.length)
        for (const [index, item] of known.entries())
          if (!rejected.has(index)) noteAccepted(accepted, item as RawOrder)
      }),
      { numRuns: 150 },
    )
  })

  test('any text is answered within bounds', async () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array({ maxLength: 200 }))
    const types = fc.constantFrom(
      'application/json',
      'application/x-ndjson',
      'text/csv',
      'application/json; charset=x',
    )
    await fc.assert(
      fc.asyncProperty(texts, types, async (body, type) => {
        const { status, body: answer } = await house.post(body, { 'content-type': type })
        expect([400, 415]).toContain(status)
        expect(answer.error.message).toBeTruthy()
      }),
      { numRuns: 100 },
    )
  })
})

describe('records on the topic', () => {
  test('that are bad go to the dead letters whole, and those around them land', async () => {
    const bad = badRecords()
    const wanted = new Map<string, string>()
    for (const [i, record] of bad.entries()) {
      const order = fineOrder(`around-${i}`, nextTotal(), { tenant: TENANT, schemaVersion: 1 })
      const key = `${TENANT}/shop/around-${i}`
      const partition = partitionOf(key, PARTITIONS)
      const fine = { partition, key, ...encodeOrdersEvent(orderEvent.parse(order)) }
      const contentType = 'application/json' as const
      const [at] = await house.log.append('orders', [
        { partition, key: record.what, value: record.value, contentType },
        fine,
      ])
      wanted.set(`orders:${house.log.incarnation}:${at!.partition}:${at!.baseOffset}`, record.what)
      noteAccepted(accepted, order)
    }
    const letters = await waitUntil(`${bad.length} dead letters`, 30_000, async () => {
      const read = await readLetters()
      return read.length >= bad.length && read
    })
    expect(letters.map(({ origin }) => wanted.get(origin)).sort()).toEqual(bad.map(({ what }) => what).sort())
    for (const { origin, payload, encoding } of letters) {
      const { value } = bad.find(({ what }) => what === wanted.get(origin))!
      expect(Buffer.from(payload, encoding).equals(value), wanted.get(origin)).toBe(true)
    }
  })
})

describe('in the end', () => {
  test('every order that was accepted is in ClickHouse once, to the cent, and no other', async () => {
    await untilLanded(house.warehouse, accepted)
    // What should not be there would come a moment later.
    await wait(1_000)
    const { landed, wanted, sum } = await compareLanded(house.warehouse, accepted)
    expect(landed).toEqual(wanted)
    expect(sum).toBe([...accepted.values()].reduce((total, e4) => total + e4, 0n))
    console.log(`${accepted.size} orders accepted, all of them landed once: ${sum} ten-thousandths`)
  })

  test('the house stands, and has seen no fault of its own', async () => {
    expect((await fetch(`${house.page}/readyz`)).status).toBe(200)
    expect(house.output()).not.toMatch(/a request failed|^ +at /m)
  })
})

function stamped(more: RawOrder): RawOrder {
  return { ...fineOrder('x', 10_000), tenant: TENANT, schemaVersion: 1, ...more }
}

/** JSON of any shape, or an order of which one thing is another. */
function anyItem(): fc.Arbitrary<{ json: unknown } | { field: string; value: unknown }> {
  const fields = [
    'type',
    'version',
    'orderId',
    'status',
    'kind',
    'customerId',
    'country',
    'total',
    'lines',
    'refunds',
  ]
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...NAUGHTY_TEXTS, ...REFUSED_TEXTS))
  return fc.oneof(
    fc.jsonValue().map((json) => ({ json })),
    fc.record({ field: fc.constantFrom(...fields, '__proto__', 'unheard-of'), value }),
  )
}

/** With an id of its own: two contents of one order at one version would be a question, not an answer. */
function own(item: { json: unknown } | { field: string; value: unknown }): unknown {
  if ('json' in item) return item.json
  const order = fineOrder(`any-${made}`, nextTotal(), { source: 'any' })
  const value =
    item.field === 'orderId' && typeof item.value === 'string' ? `${made} ${item.value}` : item.value
  return JSON.parse(
    `{"${item.field}":${JSON.stringify(value)},${JSON.stringify(without(order, item.field)).slice(1)}`,
  )
}

function without(order: RawOrder, field: string): RawOrder {
  return Object.fromEntries(Object.entries(order).filter(([name]) => name !== field))
}

function readLetters() {
  return house.warehouse.query<{ origin: string; payload: string; encoding: BufferEncoding }>(
    "SELECT origin, payload, encoding FROM revwall_r1.dead_letters FINAL WHERE startsWith(origin, 'orders:')",
  )
}
