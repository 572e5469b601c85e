import { afterAll, beforeAll, expect, test } from 'vitest'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  const sale = (day: string, amount: string) => [{ at: `${day}T10:00:00Z`, kind: 'sale' as const, amount }]
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: sale('2011-11-15', '12.5'), customer: 'c' },
    { tenant: 'acme', orderId: 'A2', entries: sale('2011-11-15', '10.0005'), currency: 'EUR', customer: 'c' },
    { tenant: 'acme', orderId: 'A3', entries: sale('2011-11-17', '-3'), currency: 'EUR' },
    { tenant: 'acme', orderId: 'A4', entries: sale('2011-11-17', '100'), currency: 'USD' },
    { tenant: 'zebra', orderId: 'X1', entries: sale('2011-11-15', '777'), currency: 'EUR', customer: 'c' },
  ])
  await api.db.warehouse.command(
    `INSERT INTO ${DATABASE}.rates (tenant, base, quote, day, rate, provider, version) VALUES
     ('acme', 'EUR', 'GBP', '2011-11-14', 0.9999, 'ECB', 1), ('acme', 'EUR', 'GBP', '2011-11-14', 0.8561, 'ECB', 2),
     ('acme', 'EUR', 'GBP', '2011-11-16', 0.85515, 'ECB', 3), ('acme', 'GBP', 'EUR', '2011-11-14', 1.1681, 'ECB', 4),
     ('zebra', 'USD', 'GBP', '2011-11-14', 0.7, 'ECB', 5)`,
  )
  await api.db.warehouse.command(
    `INSERT INTO ${DATABASE}.customers (tenant, source, customer, version, precedence, changed_at, name, country) VALUES
     ('acme', 'shop', 'c', 1, 1, '2011-11-15', 'J. Doe', 'Norway'),
     ('acme', 'shop', 'c', 2, 2, '2011-11-16', 'Jo Doe', 'Norway'),
     ('zebra', 'shop', 'c', 1, 1, '2011-11-15', 'Zoe', 'Brazil')`,
  )
})
afterAll(() => api.stop())

const get = async (path: string) => {
  const response = await api.app.inject({ method: 'GET', url: path })
  return { status: response.statusCode, body: response.json() }
}
const RANGE = 'from=2011-11-14&to=2011-11-18'

test('converts each day by the rate in force then, shows it, and lists what has none', async () => {
  const { status, body } = await get(`/api/v1/converted?${RANGE}`)
  // 12.5 + half-even(10.0005 × 0.8561) + half-even(−3 × 0.85515) = 12.5 + 8.5614 − 2.5654
  expect(status).toBe(200)
  expect(body).toMatchObject({ tenant: 'acme', currency: 'GBP', total: '18.496', complete: false })
  expect(body.missing).toEqual([{ day: '2011-11-17', currency: 'USD', amount: '100' }])
  expect(body.currencies.map((one: { converted: string }) => one.converted)).toEqual(['5.996', '12.50', null])
  const rate = { rate: '0.8561', day: '2011-11-14', provider: 'ECB' }
  expect(body.currencies[0].days[0]).toEqual({
    day: '2011-11-15',
    amount: '10.0005',
    rate,
    converted: '8.5614',
  })
})

test('into any currency, and never by another tenant’s rates', async () => {
  const { body } = await get(`/api/v1/converted?${RANGE}&to_currency=EUR`)
  // 12.5 × 1.1681 = 14.60125, half-even 14.6012; + 7.0005
  expect(body).toMatchObject({ currency: 'EUR', total: '21.6017', missing: [{ currency: 'USD' }] })
  const zebra = await get(`/api/v1/converted?${RANGE}&tenant=zebra`)
  expect(zebra.body).toMatchObject({
    currency: 'BRL',
    total: '0.00',
    missing: [{ currency: 'EUR', amount: '777' }],
  })
  expect((await get('/api/v1/converted?to_currency=euro')).status).toBe(400)
})

test('tells of one customer what its sources do, and what it bought', async () => {
  const { body } = await get('/api/v1/customers/c')
  expect(body.profiles).toMatchObject([{ source: 'shop', name: 'Jo Doe', country: 'Norway', erasedAt: null }])
  expect(body.sums).toEqual([
    { currency: 'EUR', orders: 1, revenue: '10.0005', firstDay: '2011-11-15', lastDay: '2011-11-15' },
    { currency: 'GBP', orders: 1, revenue: '12.5', firstDay: '2011-11-15', lastDay: '2011-11-15' },
  ])
  expect((await get('/api/v1/customers/nobody')).status).toBe(404)
})
