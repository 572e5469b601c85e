import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import { openPipeline, type Pipeline } from '../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { readBuyerDays, readBuyers, readNewMarks } from './read-buyers.ts'

const DATABASE = 'revwall_buyers'
const TENANT = { id: 'acme', name: 'Acme', timeZone: 'UTC', currency: 'EUR' }
const SCOPE = { database: DATABASE, topic: 'orders', currencies: new Map([[TENANT.id, TENANT.currency]]) }
const PARTITIONS = 2

let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  const tenants = [TENANT]
  pipeline = await openPipeline({ warehouse: test.warehouse, database: DATABASE, tenants })
})
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

async function tell(orderIds: readonly string[]): Promise<void> {
  const records = orderIds.map((orderId) => {
    const event: OrderEventInput = {
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', version: 1, orderId, lines: [] },
      ...{ status: 'completed', changedAt: '2024-05-01T12:00:00Z', placedAt: '2024-05-01T12:00:00Z' },
      ...{ currency: 'EUR', customerId: 'c', total: '10.00' },
    }
    return { partition: 1, key: orderKey(event), ...encodeOrdersEvent(event) }
  })
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

const newBehind = (known: Parameters<typeof readNewMarks>[2]) =>
  readNewMarks(test.warehouse, SCOPE, known, PARTITIONS)

it('misses no batch behind an opening mark, whose key the first one shares', async () => {
  const opened = (await newBehind(new Map()))!
  expect([...opened.marks.values()].map(({ last }) => last)).toEqual([-1, -1])
  expect(await newBehind(opened.marks)).toBeUndefined()

  await tell(['first-1', 'first-2'])
  const first = (await newBehind(opened.marks))!
  expect([...first.marks].map(([partition, { last }]) => [partition, last])).toEqual([[1, 1]])
  await tell(['second'])
  // Whoever looked before the first batch, and behind the second one again.
  for (const [from, orders] of [
    [opened.marks, 3],
    [first.marks, 1],
    [new Map(), 3],
  ] as const) {
    const found = (await newBehind(from))!
    expect(found.marks.get(1)!.last).toBe(2)
    const days = await readBuyerDays(test.warehouse, SCOPE, from, found)
    expect(days).toMatchObject([{ customer: 'c', orders, revenueE4: orders * 100_000 }])
    expect(await newBehind(new Map([...opened.marks, ...found.marks]))).toBeUndefined()
  }
  for await (const page of readBuyers(test.warehouse, SCOPE, first.marks))
    expect(page).toMatchObject([{ customer: 'c', orders: 2 }])
})
