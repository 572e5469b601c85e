import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { MAX_BODY_BYTES, MAX_ITEMS, MAX_REJECTED_LISTED } from './limits.ts'
import { type Door, openDoor, PARTITIONS, sampleOrder } from './testing/open-door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.close())

const NDJSON = { 'content-type': 'application/x-ndjson' }
const codeOf = (answer: { body: { error: { code: string } } }) => answer.body.error.code
const factsOf = async (like: string) =>
  (await door.records()).filter(({ event }) => String(event.orderId).startsWith(like))

describe('what is right', () => {
  test('one event is in the log, keyed by its order, when it is answered', async () => {
    const answer = await door.post(sampleOrder('one'))
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejectedCount: 0, rejected: [] } })
    const [record] = await factsOf('one')
    expect(record).toMatchObject({
      key: 'acme/shop/one',
      partition: partitionOf('acme/shop/one', PARTITIONS),
    })
    expect(parseOrdersTopicEvent(record!.event)).toMatchObject({
      tenant: 'acme',
      schemaVersion: 1,
      role: 'sale',
    })
  })

  test.each([
    ['a list', (orders: object[]) => JSON.stringify(orders), {}],
    ['an object of orders', (orders: object[]) => JSON.stringify({ orders }), {}],
    ['lines', (orders: object[]) => orders.map((o) => JSON.stringify(o)).join('\n'), NDJSON],
    [
      'lines of Windows, with blank ones',
      (orders: object[]) => `\r\n${orders.map((o) => `${JSON.stringify(o)}\r\n \t\r\n`).join('')}`,
      NDJSON,
    ],
    ['text with a BOM', (orders: object[]) => `\ufeff${JSON.stringify(orders)}`, {}],
  ])('%s', async (what, encode, headers) => {
    const ids = ['a', 'b', 'c'].map((id) => `${what} ${id}`)
    const answer = await door.post(encode(ids.map((id) => sampleOrder(id))), headers)
    expect(answer).toMatchObject({ status: 202, body: { accepted: 3, rejectedCount: 0 } })
    expect((await factsOf(what)).map(({ event }) => event.orderId).sort()).toEqual(ids)
  })

  test('refunds, payments and cancellations come alone', async () => {
    const at = '2024-03-02T10:00:00Z'
    const head = { source: 'shop', orderId: 'alone', version: 1, changedAt: at }
    const answer = await door.post([
      { type: 'order.refund', ...head, refund: { id: 'r', at, amount: '1' } },
      { type: 'order.payment', ...head, payment: { id: 'p', at, amount: '1' } },
      { type: 'order.cancellation', ...head, cancellation: { id: 'c', at } },
    ])
    expect(answer.body).toMatchObject({ accepted: 3, rejectedCount: 0 })
  })

  test('a list as large as it may be', async () => {
    const orders = Array.from({ length: MAX_ITEMS }, (_, i) => sampleOrder(`bulk-${i}`, { source: 'bulk' }))
    const answer = await door.post(orders.map((order) => JSON.stringify(order)).join('\n'), NDJSON)
    expect(answer.body).toMatchObject({ accepted: MAX_ITEMS, rejectedCount: 0 })
    expect(await factsOf('bulk-')).toHaveLength(MAX_ITEMS)
  })
})

describe('what is not', () => {
  test('is told item by item, and costs the others nothing', async () => {
    const items = [
      sampleOrder('mixed-0'),
      sampleOrder('mixed-1', { total: '1.234,56' }),
      sampleOrder('mixed-2', { total: 12.5 }),
      sampleOrder('mixed-3', { tenant: 'zebra' }),
      sampleOrder('mixed-4', { placedAt: '9999-01-01T00:00:00Z' }),
      sampleOrder('mixed-5', { placedAt: new Date(Date.now() + 3 * 86_400_000).toISOString() }),
      { type: 'source.progress', source: 'shop' },
      'text',
      sampleOrder('mixed-8', { tenant: 'acme' }),
    ]
    const { status, body } = await door.post(items)
    expect(status).toBe(202)
    expect(body).toMatchObject({ accepted: 2, rejectedCount: 7 })
    const told = body.rejected.map((r: Record<string, unknown>) => [r.index, r.id, r.code])
    expect(told).toEqual([
      [1, 'mixed-1', 'INVALID'],
      [2, 'mixed-2', 'INVALID'],
      [3, 'mixed-3', 'OTHER_TENANT'],
      [4, 'mixed-4', 'INVALID'],
      [5, 'mixed-5', 'FUTURE_DATE'],
      [6, undefined, 'INVALID'],
      [7, undefined, 'INVALID'],
    ])
    expect(body.rejected[0].message).toMatch(/^total: a decimal string .* \(write 1234\.56/)
    expect(body.rejected[1].message).toMatch(/^total: .*"12\.5"/)
    expect(body.rejected[3].message).toMatch(/2099/)
    expect(await factsOf('mixed')).toHaveLength(2)
  })

  test('all of it is a 400 with the same list', async () => {
    const { status, body } = await door.post([sampleOrder('')])
    expect([status, body.error.code, body.accepted, body.rejectedCount]).toEqual([
      400,
      'NOTHING_ACCEPTED',
      0,
      1,
    ])
    expect(body.rejected).toMatchObject([{ index: 0, id: '', code: 'INVALID' }])
  })

  test('a line that cannot be read is told by its number', async () => {
    const lines = [
      JSON.stringify(sampleOrder('line-0')),
      '{"orderId": NaN}',
      '',
      `${'['.repeat(100)}${']'.repeat(100)}`,
      JSON.stringify(sampleOrder('line-4')),
    ]
    const bytes = Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from([0x0a, 0x22, 0xff, 0x22])])
    const { body } = await door.post(bytes, NDJSON)
    expect(body).toMatchObject({ accepted: 2, rejectedCount: 3 })
    expect(body.rejected.map((r: { index: number; code: string }) => [r.index, r.code])).toEqual([
      [1, 'UNREADABLE'],
      [3, 'UNREADABLE'],
      [5, 'UNREADABLE'],
    ])
  })

  test('is listed up to a bound, and counted whole', async () => {
    const { body } = await door.post(Array.from({ length: MAX_REJECTED_LISTED + 500 }, () => 0))
    expect([body.rejectedCount, body.rejected.length]).toEqual([
      MAX_REJECTED_LISTED + 500,
      MAX_REJECTED_LISTED,
    ])
  })

  test('a poisoned prototype is only a key that nobody asked for', async () => {
    const text = JSON.stringify(sampleOrder('poison')).replace(
      '{',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    )
    expect((await door.post(text)).status).toBe(202)
    expect((await door.post(text.replace('poison', 'poison-2'), NDJSON)).status).toBe(202)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    for (const { event } of await factsOf('poison')) {
      expect(Object.keys(event)).not.toContain('__proto__')
      expect(Object.keys(event)).not.toContain('constructor')
    }
  })
})

describe('a request that cannot be read', () => {
  test.each<[string, string | Uint8Array, Record<string, string>, number, string]>([
    ['no JSON', '{"a":', {}, 400, 'BAD_REQUEST'],
    ['no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), {}, 400, 'BAD_REQUEST'],
    ['nothing', '', {}, 400, 'BAD_REQUEST'],
    ['an empty list', '[]', {}, 400, 'NOTHING_ACCEPTED'],
    ['empty lines', '\n\n', NDJSON, 400, 'NOTHING_ACCEPTED'],
    ['deep JSON', '['.repeat(1e6), {}, 400, 'BAD_REQUEST'],
    ['more values than are parsed', `[${'0,'.repeat(600_000)}0]`, {}, 413, 'TOO_LARGE'],
    ['more events than are taken', JSON.stringify(Array(MAX_ITEMS + 1).fill(0)), {}, 413, 'TOO_LARGE'],
    ['more lines than are taken', '0\n'.repeat(MAX_ITEMS + 1), NDJSON, 413, 'TOO_LARGE'],
    ['a huge body', Buffer.alloc(MAX_BODY_BYTES + 1, 0x20), {}, 413, 'TOO_LARGE'],
    ['a huge body of lines', Buffer.alloc(40 * 2 ** 20, 0x20), NDJSON, 413, 'TOO_LARGE'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text', '{}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a content type that is none', '{}', { 'content-type': ';;' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['gzip', '{}', { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no key', '{}', { authorization: '' }, 401, 'UNAUTHORIZED'],
    ['another scheme', '{}', { authorization: 'Basic Zm9vOmJhcg==' }, 401, 'UNAUTHORIZED'],
    [
      'a key that nobody has',
      '{}',
      { authorization: `Bearer rvw_00000000_${'x'.repeat(32)}` },
      401,
      'UNAUTHORIZED',
    ],
  ])('%s', async (_what, body, headers, status, code) => {
    const answer = await door.post(body, headers)
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(answer.body.error.message.length).toBeGreaterThan(10)
    expect(answer.body.error.details).toEqual([])
  })

  test('of a length that nobody told is bounded too', async () => {
    const piece = Buffer.alloc(2 ** 20, 0x20)
    let sent = 0
    const endless = new ReadableStream({ pull: (to) => (sent++ < 30 ? to.enqueue(piece) : to.close()) })
    expect((await door.post(endless)).status).toBe(413)
  })

  test('leaves nothing behind, and the next one is taken', async () => {
    await door.post(`${JSON.stringify(sampleOrder('half'))}\n${'0\n'.repeat(MAX_ITEMS)}`, NDJSON)
    expect(await factsOf('half')).toEqual([])
    expect((await door.post(sampleOrder('after'))).status).toBe(202)
  })
})

describe('the log', () => {
  const failing = (code: string) => ({
    ...door.log,
    partitions: () => PARTITIONS,
    append: async () => {
      throw new RevwallError(code, 'no')
    },
  })

  test.each(['LOG_FULL', 'LOG_CLOSED', 'LOG_IO'])(
    '%s is a 503 that says when to come again',
    async (code) => {
      const other = await openDoor({ log: failing(code) })
      const answer = await other.post(sampleOrder('x'))
      expect([answer.status, codeOf(answer)]).toEqual([503, 'LOG_UNAVAILABLE'])
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await other.metric('revwall_ingest_accepted_total')).toBe(0)
      await other.close()
    },
  )

  test('a bug is a 500 that tells nothing', async () => {
    const other = await openDoor({
      log: { ...failing(''), append: async () => Promise.reject(new Error('secret')) },
    })
    const answer = await other.post(sampleOrder('x'))
    expect([answer.status, codeOf(answer)]).toEqual([500, 'INTERNAL'])
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    await other.close()
  })

  test('is left alone until the processors have opened it', async () => {
    const other = await openDoor({ ready: () => false })
    expect(codeOf(await other.post(sampleOrder('x')))).toBe('NOT_READY')
    expect((await fetch(`${other.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${other.url}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([503, { error: { code: 'NOT_READY' } }])
    await other.close()
  })
})

test('what came is counted', async () => {
  const other = await openDoor()
  await other.post([sampleOrder('a'), sampleOrder('b'), 0])
  await other.post('{')
  expect(await other.metric('revwall_ingest_accepted_total')).toBe(2)
  expect(await other.metric('revwall_ingest_rejected_total')).toBe(1)
  expect(await other.metric('revwall_ingest_requests_total')).toBe(2)
  expect(await (await fetch(`${other.url}/metrics`)).text()).toContain(
    'revwall_ingest_request_seconds_count 2',
  )
  for (const path of ['healthz', 'readyz'])
    expect(await (await fetch(`${other.url}/${path}`)).json()).toEqual({ status: 'ok' })
  expect((await fetch(`${other.url}/nothing`)).status).toBe(404)
  await other.close()
})
