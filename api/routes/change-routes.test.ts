import { afterAll, beforeAll, expect, test } from 'vitest'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
const EVENT = { type: 'order', tenant: 'acme', source: 'shop', orderId: 'A1', total: '12.50' }
beforeAll(async () => {
  api = await startTestApi()
  const [landed] = await api.log.append('orders', [
    {
      ...{ partition: 3, key: 'acme/shop/A1', contentType: 'application/json' as const },
      value: Buffer.from(JSON.stringify(EVENT)),
    },
  ])
  const origin = { incarnation: api.log.incarnation, partition: 3, offset: landed!.baseOffset }
  const sale = (at: string, amount: string) => [{ at, kind: 'sale' as const, amount }]
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: sale('2011-11-17T10:00:00Z', '12.5'), origin },
    { tenant: 'acme', orderId: 'A0', entries: sale('2011-11-16T10:30:00Z', '5'), origin },
    { tenant: 'acme', orderId: 'OLD', entries: sale('2011-11-16T11:30:00Z', '7') },
    { tenant: 'zebra', orderId: 'X1', entries: sale('2011-11-17T10:00:00Z', '777'), currency: 'BRL' },
    ...marks(4, { first: 0, last: 9, progress: ['acme', 'zebra'].map((tenant) => ({ tenant, ...AT })) }),
  ])
  // The hub has looked at the marks by then.
  while ((await get('/api/v1/tenant')).body.mode !== 'replay')
    await new Promise((later) => setTimeout(later, 20))
})
afterAll(() => api.stop())

const AT = { upTo: '2011-11-17T10:30:20Z', polledAt: new Date().toISOString() }

async function get(path: string) {
  const response = await api.app.inject({ method: 'GET', url: path })
  return { status: response.statusCode, body: response.json() }
}

test('today is compared by the same minutes, the running one whole', async () => {
  const { body } = await get('/api/v1/change')
  expect(body).toMatchObject({
    ...{ tenant: 'acme', axis: 'booked', currency: 'GBP', day: '2011-11-17', againstDay: '2011-11-16' },
    ...{ fromMinute: 0, toMinute: 631 },
    revenue: { now: '12.5', before: '5', change: '7.50' },
    orders: { now: 1, before: 1 },
    largest: [
      { source: 'shop', orderId: 'A1', change: '12.50' },
      { source: 'shop', orderId: 'A0', change: '-5.00' },
    ],
  })
  expect(body.contributions[1]).toEqual({
    dimension: 'source',
    rows: [{ key: 'shop', name: '', now: '12.5', before: '5', change: '7.50' }],
    others: { now: '0.00', before: '0.00', change: '0.00' },
  })
})

test('a part of it, another day and another currency are what is asked for', async () => {
  const part = await get('/api/v1/change?fromMinute=615&toMinute=660&against=last-week')
  expect(part.body).toMatchObject({ fromMinute: 615, toMinute: 631, againstDay: '2011-11-10' })
  expect(part.body.revenue).toEqual({ now: '0', before: '0', change: '0.00' })
  const yesterday = await get('/api/v1/change?day=2011-11-16')
  expect(yesterday.body).toMatchObject({ toMinute: 1440, revenue: { now: '12', before: '0' } })
  const zebra = await get('/api/v1/change?tenant=zebra')
  expect(zebra.body).toMatchObject({ currency: 'BRL', largest: [{ orderId: 'X1' }] })
  for (const bad of [
    'fromMinute=700&toMinute=700',
    'fromMinute=-1',
    'toMinute=1501',
    'against=easter',
    'day=2011-02-30',
    'limit=0',
  ])
    expect((await get(`/api/v1/change?${bad}`)).status, bad).toBe(400)
})

test('a day that lost an hour is whole against one that did not', async () => {
  const { body } = await get('/api/v1/change?day=2011-03-27')
  expect(body).toMatchObject({ day: '2011-03-27', toMinute: 1380, againstDay: '2011-03-26' })
})

test('the record of a change is the one that the source sent, of this order alone', async () => {
  const { body } = await get('/api/v1/orders/shop/A1/event?revision=1')
  expect(body).toMatchObject({
    ...{ tenant: 'acme', source: 'shop', orderId: 'A1', revision: 1, topic: 'orders', partition: 3 },
    ...{ event: EVENT, missing: null, appendedAt: expect.stringMatching(/Z$/) },
  })
  // The offset of another order's record: as it is where the log begins anew behind it.
  expect((await get('/api/v1/orders/shop/A0/event')).body).toMatchObject({ event: null, missing: 'trimmed' })
  expect((await get('/api/v1/orders/shop/OLD/event')).body).toMatchObject({ missing: 'other-log' })
  expect((await get('/api/v1/orders/shop/A1/event?revision=2')).status).toBe(404)
  expect((await get('/api/v1/orders/shop/A1/event?tenant=zebra')).status).toBe(404)
})

test('a record that the log no longer keeps is said to be gone', async () => {
  await api.log.append('orders', [
    { partition: 3, key: 'acme/shop/A2', contentType: 'application/json', value: Buffer.from('{}') },
  ])
  const { next } = await api.log.bounds('orders', 3)
  await api.log.trim('orders', 3, next)
  expect((await get('/api/v1/orders/shop/A1/event')).body).toMatchObject({ event: null, missing: 'trimmed' })
})
