import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Keyset } from './keyset.ts'
import { type CustomerQuestion, readCustomerList } from './read-customer-list.ts'
import { readOrder } from './read-order.ts'
import { ORDER_SORTS, type OrderQuestion, readOrderList } from './read-order-list.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const november = { from: '2011-11-01', to: '2011-11-30' }

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

const list = (more: Partial<OrderQuestion> = {}) =>
  readOrderList(db.warehouse, { database, tenant: 'acme', ...november, sort: 'newest', limit: 10, ...more })
const idsOf = async (more: Partial<OrderQuestion> = {}) =>
  (await list(more)).rows.map(({ orderId }) => orderId)

/** All pages, with `between` done after each. */
async function walk(more: Partial<OrderQuestion>, between: (page: number) => Promise<void> = async () => {}) {
  const ids: string[] = []
  let after: Keyset | undefined
  for (let page = 0; page < 50; page++) {
    const { rows, next } = await list({ limit: 2, ...more, after })
    ids.push(...rows.map(({ source, orderId }) => `${source}/${orderId}`))
    if (next === null) return ids
    after = next
    await between(page)
  }
  throw new Error('pages without end')
}

describe('orders', () => {
  test('are in their present state, the newest first', async () => {
    const { rows, total } = await list()
    expect(total).toBe(6)
    expect(rows.map(({ orderId, status, net }) => [orderId, status, net])).toEqual([
      ['P', 'pending', '0'],
      ['E', 'completed', '12'],
      ['C', 'completed', '12'],
      ['D', 'completed', '12'],
      ['B', 'completed', '20'],
      ['A', 'completed', '100'],
    ])
    expect(rows[1]).toMatchObject({
      ...{ source: 'shop', revision: 3, placedAt: '2011-11-18T11:00:00.000Z', saleDay: '2011-11-18' },
      ...{ customer: 'c1', country: 'UK', currency: 'GBP', gross: '12', counts: true, lines: 1 },
    })
  })

  test('are found by filters, alone and together, by what they are and not by what they were', async () => {
    expect(await idsOf({ status: 'pending' })).toEqual(['P'])
    expect(await idsOf({ status: 'processing' })).toEqual([])
    expect(await idsOf({ customer: 'c1' })).toEqual(['E', 'A'])
    expect(await idsOf({ customer: 'c1', country: 'UK', status: 'completed', channel: '' })).toEqual([
      'E',
      'A',
    ])
    expect(await idsOf({ customer: '', source: 'shop' })).toEqual(['P', 'B'])
    expect(await idsOf({ source: 'market' })).toEqual(['C'])
    expect(await idsOf({ currency: 'EUR' })).toEqual(['D'])
    expect(await idsOf({ search: 'e' })).toEqual(['E'])
    expect(await idsOf({ search: 'C1' })).toEqual(['E', 'A'])
    expect(await idsOf({ search: '%' })).toEqual([])
    expect(await idsOf({ tenant: 'other' })).toEqual(['A'])
    expect((await list({ status: 'pending', limit: 1 })).total).toBe(1)
    expect(await idsOf({ from: '2011-11-18', to: '2011-11-18' })).toEqual(['P', 'E'])
  })

  test('are sorted by time and amount, those of one value by source and id', async () => {
    expect(await idsOf({ sort: 'oldest' })).toEqual(['A', 'B', 'C', 'D', 'E', 'P'])
    expect(await idsOf({ sort: 'largest', currency: 'GBP' })).toEqual(['A', 'B', 'C', 'E', 'P'])
    expect(await idsOf({ sort: 'smallest', currency: 'GBP' })).toEqual(['P', 'C', 'E', 'B', 'A'])
  })

  test.each(ORDER_SORTS)('come by pages without gap or repeat, %s', async (sort) => {
    const whole = (await list({ sort, limit: 100 })).rows.map(({ source, orderId }) => `${source}/${orderId}`)
    for (const limit of [1, 2, 3]) expect(await walk({ sort, limit })).toEqual(whole)
  })

  test('neither repeat nor hide any while others arrive, before, between and behind', async () => {
    const before = await walk({ tenant: 'busy' })
    expect(before).toHaveLength(12)
    const seen = await walk({ tenant: 'busy' }, async (page) => {
      if (page > 3) return
      const orders = ['2011-11-28', '2011-11-11', '2011-11-01'].map((day, i) =>
        order({ tenant: 'busy', orderId: `new-${page}-${i}` }, `${day}T0${page}:00:00Z`, '1'),
      )
      await insertChanges(db.warehouse, database, orders)
    })
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => !id.includes('new-'))).toEqual(before)
  })

  test('are found behind any number of changes that cancel each other out', async () => {
    const noise = Array.from({ length: 150 }, (_, i): SampleOrder[] => {
      const was = {
        ...order({ tenant: 'noisy', orderId: `n${i}` }, '2011-11-20T10:00:00Z', '1'),
        status: 'on-hold',
      }
      return [was, { ...was, sign: -1, revision: 2 }, { ...was, revision: 2, status: 'completed' }]
    })
    const old = {
      ...order({ tenant: 'noisy', orderId: 'old' }, '2011-11-02T10:00:00Z', '1'),
      status: 'on-hold',
    }
    await insertChanges(db.warehouse, database, [...noise.flat(), old])
    expect(await idsOf({ tenant: 'noisy', status: 'on-hold', limit: 1 })).toEqual(['old'])
    expect((await list({ tenant: 'noisy', limit: 1 })).total).toBe(151)
  })
})

describe('one order', () => {
  const one = (more: object = {}) =>
    readOrder(db.warehouse, { database, tenant: 'acme', source: 'shop', orderId: 'E', ...more })

  test('has its lines, refunds, entries and its history', async () => {
    const found = await one()
    expect(found).toMatchObject({
      ...{ status: 'completed', gross: '12', net: '12', customer: 'c1', changes: 3, shipping: null },
      lines: [{ sku: 'MUG', name: 'Mug', quantity: '1', unitPrice: '1', unitCost: null, amount: '12' }],
      entries: [
        { at: '2011-11-18T11:00:00.000Z', day: '2011-11-18', kind: 'sale', amount: '10', orders: 1 },
        { at: '2011-11-19T11:00:00.000Z', day: '2011-11-19', kind: 'edit', amount: '2', orders: 0 },
      ],
    })
    expect(found!.history.map(({ revision, status, net }) => [revision, status, net])).toEqual([
      [3, 'completed', '12'],
      [2, 'processing', '10'],
      [1, 'pending', '10'],
    ])
  })

  test('is the tenant’s own, and of the source that is asked for', async () => {
    expect(await one({ tenant: 'nobody' })).toBeNull()
    expect(await one({ source: 'market' })).toBeNull()
    expect((await one({ tenant: 'other', orderId: 'A' }))?.net).toBe('999')
  })
})

describe('customers', () => {
  const customers = (more: Partial<CustomerQuestion> = {}) =>
    readCustomerList(db.warehouse, {
      ...{ database, tenant: 'acme', axis: 'booked', currency: 'GBP', sort: 'revenue', limit: 10 },
      ...november,
      ...more,
    })

  test('are ranked by revenue, orders and last order; guests are none', async () => {
    const { rows, total } = await customers()
    expect(total).toBe(2)
    expect(rows).toEqual([
      { customer: 'c1', revenue: '112', orders: 2, lastOrderAt: '2011-11-18T11:00:00Z' },
      { customer: 'c2', revenue: '12', orders: 1, lastOrderAt: '2011-11-17T12:00:00Z' },
    ])
    expect((await customers({ sort: 'orders' })).rows[0]?.customer).toBe('c1')
    expect((await customers({ search: 'C2' })).rows.map(({ customer }) => customer)).toEqual(['c2'])
    expect((await customers({ from: '2011-11-19', to: '2011-11-19' })).rows).toEqual([
      { customer: 'c1', revenue: '2', orders: 0, lastOrderAt: null },
    ])
  })

  test.each(['revenue', 'orders', 'last'] as const)(
    'come by pages without gap or repeat, %s',
    async (sort) => {
      const whole = (await customers({ tenant: 'busy', sort, limit: 100 })).rows.map(
        ({ customer }) => customer,
      )
      expect(whole.length).toBeGreaterThan(3)
      const paged: string[] = []
      for (let after: Keyset | undefined, page = 0; page < 50; page++) {
        const { rows, next } = await customers({ tenant: 'busy', sort, limit: 2, after })
        paged.push(...rows.map(({ customer }) => customer))
        if (next === null) break
        after = next
      }
      expect(paged).toEqual(whole)
    },
  )
})

function order(
  of: Partial<SampleOrder> & { tenant: string; orderId: string },
  at: string,
  amount: string,
): SampleOrder {
  return { entries: [{ at, kind: 'sale', amount }], ...of }
}

/** Pending, then processing, then one edit: 12 at the end. */
function edited(): SampleOrder[] {
  const at = '2011-11-18T11:00:00Z'
  const base = { tenant: 'acme', orderId: 'E', customer: 'c1', country: 'UK' }
  const first = order(base, at, '10')
  const one: SampleOrder = { ...first, revision: 1, status: 'pending' }
  const two: SampleOrder = { ...first, revision: 2, status: 'processing' }
  const three: SampleOrder = {
    ...{ ...base, revision: 3, status: 'completed' },
    lines: [{ sku: 'MUG', name: 'Mug', quantity: '1', amount: '12' }],
    entries: [...first.entries, { at: '2011-11-19T11:00:00Z', kind: 'edit', amount: '2' }],
  }
  return [one, { ...one, sign: -1, revision: 2 }, two, { ...two, sign: -1, revision: 3 }, three]
}

const ORDERS: SampleOrder[] = [
  order({ tenant: 'acme', orderId: 'A', customer: 'c1', country: 'UK' }, '2011-11-17T10:00:00Z', '100'),
  order({ tenant: 'acme', orderId: 'B', country: 'Norway' }, '2011-11-17T11:00:00Z', '20'),
  order({ tenant: 'acme', orderId: 'C', source: 'market', customer: 'c2' }, '2011-11-17T12:00:00Z', '12'),
  order({ tenant: 'acme', orderId: 'D', currency: 'EUR', customer: 'c3' }, '2011-11-17T12:00:00Z', '12'),
  ...edited(),
  {
    ...{ tenant: 'acme', orderId: 'P', status: 'pending', counts: 0, entries: [] },
    placedAt: '2011-11-18T12:00:00Z',
  },
  order({ tenant: 'other', orderId: 'A' }, '2011-11-17T10:00:00Z', '999'),
  // Three at one instant, so that a page ends among them.
  ...Array.from({ length: 12 }, (_, i) =>
    order(
      { tenant: 'busy', orderId: `b${i}`, customer: `k${i % 5}` },
      `2011-11-${10 + Math.floor(i / 3)}T09:00:00Z`,
      String((i % 4) + 1),
    ),
  ),
]
