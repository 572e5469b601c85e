import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  await api.insert(ORDERS)
})
afterAll(() => api.stop())

const RANGE = 'from=2011-11-01&to=2011-11-30'

async function get(path: string) {
  const response = await api.app.inject({ method: 'GET', url: path })
  return { status: response.statusCode, body: response.json() }
}

test('breakdowns, representatives and articles have exact sums', async () => {
  const { body } = await get(`/api/v1/breakdown?dimension=channel&limit=1&${RANGE}`)
  expect(body).toMatchObject({
    ...{ tenant: 'acme', dimension: 'channel', currency: 'GBP', axis: 'booked' },
    values: [{ value: 'web', revenue: '30.25', orders: 3 }],
    other: { values: 1, revenue: '5', orders: 1 },
    total: { revenue: '35.25', orders: 4, placed: 4 },
  })
  const reps = await get(`/api/v1/reps?${RANGE}`)
  expect(reps.body).toMatchObject({
    reps: [
      { rep: 'Ann', revenue: '30.25', commissionBase: '29' },
      { rep: '', revenue: '5', commissionBase: '5' },
    ],
    ...{ other: null, total: { commissionBase: '34' } },
  })
  expect(reps.body.reps[0]).not.toHaveProperty('placed')
  const products = await get(`/api/v1/products?q=mug&${RANGE}`)
  expect(products.body).toMatchObject({
    products: [
      { sku: 'MUG', revenue: '10', cost: '4', profit: '6.00', coverage: '1.00', profitReason: null },
    ],
    total: { articles: 1, profit: '6.00' },
  })
})

test('the week by hours has its 168 cells, from the first day with data on', async () => {
  const { body } = await get(`/api/v1/profile?${RANGE}`)
  expect(body).toMatchObject({ from: '2011-11-14', to: '2011-11-30', timeZone: 'Europe/London' })
  expect(body.cells).toHaveLength(168)
  expect(body.cells[10]).toMatchObject({
    weekday: 1,
    hour: 10,
    weeks: 3,
    revenue: '5',
    revenuePerHour: '1.6667',
  })
})

describe('orders', () => {
  test('come by pages with their filters', async () => {
    const seen: string[] = []
    let next: string | null = null
    do {
      const cursor: string = next === null ? '' : `&cursor=${next}`
      const { status, body } = await get(`/api/v1/orders?${RANGE}&channel=web&limit=2${cursor}`)
      expect([status, body.total]).toEqual([200, 3])
      seen.push(...body.orders.map(({ orderId }: { orderId: string }) => orderId))
      next = body.next
    } while (next !== null)
    expect(seen).toEqual(['A/3 "x"', 'A2', 'A1'])
    expect((await get(`/api/v1/orders?${RANGE}&q=a2&status=completed`)).body.orders).toMatchObject([
      { orderId: 'A2', net: '10.125', salesRep: 'Ann', placedAt: '2011-11-16T10:00:00.000Z' },
    ])
  })

  test('are told whole, whatever stands in their id', async () => {
    const { status, body } = await get(`/api/v1/orders/shop/${encodeURIComponent('A/3 "x"')}`)
    expect([status, body.order.orderId, body.order.net]).toEqual([200, 'A/3 "x"', '10.125'])
    expect(body.order.history).toHaveLength(1)
    expect((await get('/api/v1/orders/shop/nothing')).body.error.code).toBe('NOT_FOUND')
    expect((await get('/api/v1/orders/shop/Z1')).status).toBe(404)
    expect((await get('/api/v1/orders/shop/Z1?tenant=zebra')).status).toBe(200)
    expect((await get('/api/v1/orders/SHOP!/A1')).status).toBe(400)
  })

  test.each([
    'cursor=nonsense',
    'cursor=',
    `cursor=${cursorOf(['oldest', '2011-11-16 10:00:00.000', 'shop', 'A2'])}`,
    `cursor=${cursorOf(['newest', '2011-02-31 10:00:00.000', 'shop', 'A2'])}`,
    `cursor=${cursorOf(['newest', "1') OR 1 --", 'shop', 'A2'])}`,
    `cursor=${cursorOf(['newest', '2011-11-16 10:00:00.000', 'shop'])}`,
    'status=gone',
    'sort=best',
    'q=',
    'q=%00',
    'currency=gbp',
    'source=No%20Source',
    'limit=501',
    'region=North',
  ])('%s is refused', async (query) => {
    const { status, body } = await get(`/api/v1/orders?${RANGE}&${query}`)
    expect([status, body.error?.code]).toEqual([400, 'BAD_REQUEST'])
  })

  test('no text that is asked for is our fault', async () => {
    const names = fc.constantFrom('q', 'country', 'customer', 'channel')
    const value = fc.string({ unit: 'binary', maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(names, value, async (name, text) => {
        const whole = text.replace(/[\ud800-\udfff]/g, '?')
        const { status } = await get(`/api/v1/orders?${RANGE}&${name}=${encodeURIComponent(whole)}`)
        expect([200, 400], JSON.stringify(whole)).toContain(status)
      }),
      { numRuns: 15 },
    )
  })
})

test('customers come by pages, ranked', async () => {
  const first = await get(`/api/v1/customers?${RANGE}&limit=1`)
  expect(first.body).toMatchObject({
    total: 2,
    customers: [{ customer: 'c1', revenue: '20.125', orders: 2, lastOrderAt: '2011-11-16T10:00:00Z' }],
  })
  const second = await get(`/api/v1/customers?${RANGE}&limit=1&cursor=${first.body.next}`)
  expect(second.body).toMatchObject({ customers: [{ customer: 'c2', revenue: '10.125' }], next: null })
  expect((await get(`/api/v1/customers?${RANGE}&sort=orders&cursor=${first.body.next}`)).status).toBe(400)
})

function cursorOf(key: unknown[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

const sale = (at: string, amount: string) => [{ at, kind: 'sale' as const, amount }]
const web = { tenant: 'acme', channel: 'web', salesRep: 'Ann', customer: 'c1' }

const ORDERS: SampleOrder[] = [
  {
    ...{ ...web, orderId: 'A1', shipping: '1', tax: '0.25', entries: sale('2011-11-15T10:00:00Z', '10') },
    lines: [{ sku: 'MUG', name: 'Mug', quantity: '2', amount: '10', unitCost: '2' }],
  },
  { ...web, orderId: 'A2', entries: sale('2011-11-16T10:00:00Z', '10.125') },
  { ...web, customer: 'c2', orderId: 'A/3 "x"', entries: sale('2011-11-17T10:00:00Z', '10.125') },
  { tenant: 'acme', orderId: 'A4', entries: sale('2011-11-14T10:00:00Z', '5') },
  { tenant: 'zebra', orderId: 'Z1', currency: 'BRL', entries: sale('2011-11-17T10:00:00Z', '777') },
]
