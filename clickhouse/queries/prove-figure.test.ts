import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AXES } from '../../core/contracts/tiles.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { connectWarehouse } from '../connect-warehouse.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Warehouse } from '../warehouse.ts'
import { PROVABLE_NAMES, type Proof, proveFigure } from './prove-figure.ts'
import { publishViews } from './publish-views.ts'
import { insertChanges, marks, type SampleOrder } from './testing/insert-changes.ts'
import { v1ViewNames } from './v1-views.ts'

const database = 'revwall_r1'
const day = '2011-11-17'
const before = '2011-11-16T09:00:00Z'
const noon = '2011-11-17T12:00:00Z'
const PARTITIONS = 2

/** Of every kind one, on the day and before it; other tenants, currencies and guests besides. */
const ORDERS: SampleOrder[] = [
  order('a', [{ at: noon, kind: 'sale', amount: '100.5', orders: 1, units: '3' }]),
  order('b', [{ at: noon, kind: 'sale', amount: '20', orders: 1, units: '2' }], { customer: '' }),
  order('c', [
    { at: before, kind: 'sale', amount: '50', orders: 1, units: '5' },
    { at: noon, kind: 'edit', amount: '-10', orders: 0, units: '-1' },
    { at: noon, kind: 'refund', amount: '-7.25', units: '-1', reference: 'r1' },
  ]),
  order('d', [
    { at: before, kind: 'sale', amount: '9', orders: 1, units: '1' },
    { at: noon, kind: 'cancel', amount: '-9', orders: -1, units: '-1' },
  ]),
  order('e', [{ at: noon, kind: 'credit', amount: '-4', orders: 1, units: '-1' }], { kind: 'credit' }),
  order('f', [{ at: noon, kind: 'adjustment', amount: '-1.125', orders: 1, units: '-9' }], {
    kind: 'adjustment',
  }),
  order('g', [{ at: noon, kind: 'sale', amount: '77', orders: 1, units: '7' }], { currency: 'EUR' }),
  order('h', [{ at: noon, kind: 'sale', amount: '999', orders: 1, units: '9' }], { tenant: 'other' }),
]

function order(
  orderId: string,
  entries: SampleOrder['entries'],
  more: Partial<SampleOrder> = {},
): SampleOrder {
  return { tenant: 'acme', orderId, customer: `customer ${orderId}`, currency: 'GBP', entries, ...more }
}

let db: TestEngine
let analyst: Warehouse
beforeAll(async () => {
  db = await startTestEngine({ tables: v1ViewNames(), viewDatabases: [database] })
  await migrate(db.warehouse, { database })
  await publishViews(db.warehouse, { database })
  const told = marks(PARTITIONS, { first: 0, last: 41, progress: [] })
  await insertChanges(db.warehouse, database, [...ORDERS, ...told])
  analyst = connectWarehouse({ url: db.engine.url, ...db.engine.analysts[0]! })
})
afterAll(async () => {
  await analyst?.close()
  await db?.stop()
})

const question = { database, tenant: 'acme', currency: 'GBP', day, partitions: PARTITIONS } as const
const asked = async (sql: string) => (await analyst.query<{ value: string }>(sql))[0]?.value

describe.each(AXES)('on the %s axis', (axis) => {
  it.each(PROVABLE_NAMES)('%s is the same twice, and as an analyst asks for it', async (figure) => {
    const proof = await proveFigure(db.warehouse, { ...question, axis, figure })
    expect(proof).toMatchObject({ fromBase: proof.fromViews, isSteady: true } satisfies Partial<Proof>)
    expect(proof.marks.map(({ partition, last }) => [partition, last])).toEqual([
      [0, 41],
      [1, 41],
    ])
    expect([await asked(proof.sql), await asked(proof.baseSql)]).toEqual([proof.fromViews, proof.fromBase])
    expect(proof.fromViews).toBe(EXPECTED[axis][figure])
  })
})

/** By hand. */
const EXPECTED = {
  booked: {
    ...{ revenue: '89.125', sales: '101.5', refunds: '-7.25', credits: '-4', adjustments: '-1.125' },
    ...{ orders: '1', units: '1', customers: '1' },
  },
  sale: {
    ...{ revenue: '115.375', sales: '120.5', refunds: '0', credits: '-4', adjustments: '-1.125' },
    ...{ orders: '2', units: '4', customers: '1' },
  },
}

it('shows a view that is apart, and is zero on a day without anything', async () => {
  const none = await proveFigure(db.warehouse, {
    ...{ ...question, day: '2001-01-01', axis: 'booked', figure: 'revenue' },
  })
  expect(none).toMatchObject({ fromViews: '0', fromBase: '0' })
  await db.warehouse.command(
    `INSERT INTO ${database}.headline_v1 (tenant, day, minute, currency, booked_revenue) VALUES ('acme', '${day}', '2011-11-17 12:00:00', 'GBP', 0.01)`,
  )
  const apart = await proveFigure(db.warehouse, { ...question, axis: 'booked', figure: 'revenue' })
  expect(apart).toMatchObject({ fromViews: '89.135', fromBase: '89.125', isSteady: true })
})
