import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  readCustomerValue,
  readLastValueModels,
  readValueModel,
} from '../../clickhouse/queries/read-values.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { fromE4, toE4 } from '../../core/contracts/money.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { fitBgNbd, groupPurchases } from './fit-bg-nbd.ts'
import { followValues, type ValuesMade } from './follow-values.ts'
import { fitGammaGamma } from './gamma-gamma.ts'
import { predictCustomer } from './predict-value.ts'
import { repeatPurchases } from './repeat-purchases.ts'
import { CDNOW_END, readCdnowSample } from './testing/read-cdnow.ts'

const DATABASE = 'revwall_values'
const TENANT = { id: 'cdnow', name: 'CDNOW', timeZone: 'America/New_York', currency: 'USD' }
const EMPTY = { id: 'empty', name: 'Nobody yet', timeZone: 'UTC', currency: 'USD' }
const SCOPE = { database: DATABASE, tenant: TENANT.id }
/** The log takes nothing from before 2000; the models know nothing but days between. */
const LATER_DAYS = 3_652
const END = CDNOW_END + LATER_DAYS
const sample = readCdnowSample()
const { customers } = sample
const rows = { ...sample.rows, day: sample.rows.day.map((day) => day + LATER_DAYS) }

let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({ warehouse: test.warehouse, database: DATABASE, tenants: [TENANT, EMPTY] })
})
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

type Told = Partial<OrderEventInput> & { orderId: string }

async function tell(orders: readonly Told[]): Promise<void> {
  const records = orders.map((order) => {
    const event = {
      ...{
        type: 'order',
        schemaVersion: 1,
        tenant: TENANT.id,
        source: 'shop',
        version: 1,
        status: 'completed',
      },
      ...{ placedAt: '2007-05-01T16:00:00Z', currency: 'USD', lines: [], changedAt: order.placedAt },
      ...order,
    } as OrderEventInput
    const key = orderKey(event)
    return { partition: partitionOf(key, 2), key, ...encodeOrdersEvent(event) }
  })
  for (let at = 0; at < records.length; at += 1_000)
    await pipeline.log.append('orders', records.slice(at, at + 1_000))
  expect(await pipeline.settle()).toEqual([])
}

/** The tenant's now is noon of the day behind `cutOff`. */
async function tellNow(cutOff: number): Promise<void> {
  const told = {
    ...{ type: 'source.progress', schemaVersion: 1, tenant: TENANT.id, source: 'shop' },
    ...{ upTo: `${formatDay(cutOff + 1)}T16:00:00Z`, polledAt: new Date().toISOString() },
    ...{ mode: 'replay', speed: 1 },
  }
  const value = Buffer.from(JSON.stringify(told))
  const head = { key: `${TENANT.id}/shop`, value, contentType: 'application/json' as const }
  const partitions = Array.from({ length: pipeline.log.partitions('orders') }, (_, partition) => partition)
  await pipeline.log.append(
    'orders',
    partitions.map((partition) => ({ ...head, partition })),
  )
  await pipeline.settle()
}

function follow() {
  const stopping = new AbortController()
  const looks: (ValuesMade | undefined)[] = []
  const done = followValues({
    ...{ warehouse: test.warehouse, database: DATABASE, run: 'r1', log: pipeline.log },
    tenants: new Map([TENANT, EMPTY].map((tenant) => [tenant.id, tenant])),
    ...{ clock: systemClock, logger: silentLogger, signal: stopping.signal, registry: new Registry() },
    limits: { lookIntervalMs: 500, minIntervalMs: 0, checkIntervalMs: 0 },
    onLook: (made) => looks.push(made),
  })
  return {
    made: () => looks.filter((made) => made !== undefined),
    looked: (times: number) => waitUntil(`${times} looks`, 30_000, async () => looks.length >= times),
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** From the rows at once, by customer. */
function expected(valueE4: Float64Array, endDay: number, isCancelled: (customer: number) => boolean) {
  const kept = [...rows.customer.keys()].filter((row) => !isCancelled(rows.customer[row]!))
  const purchases = repeatPurchases(
    {
      customer: Int32Array.from(kept, (row) => rows.customer[row]!),
      day: Int32Array.from(kept, (row) => rows.day[row]!),
      valueE4: Float64Array.from(kept, (row) => valueE4[row]!),
    },
    customers,
    endDay,
  )
  const [bgNbd, gammaGamma] = [fitBgNbd(groupPurchases(purchases)), fitGammaGamma(purchases)]
  if (bgNbd.type !== 'fitted' || gammaGamma.type !== 'fitted') throw new Error('not fitted')
  const models = { bgNbd: bgNbd.model, gammaGamma: gammaGamma.model }
  return Array.from({ length: customers }, (_, who) => who)
    .filter((who) => purchases.ageDays[who]! >= 0)
    .map((who) => {
      const customer = {
        ...{ repeats: purchases.repeats[who]!, lastAfterDays: purchases.lastAfterDays[who]! },
        ...{ ageDays: purchases.ageDays[who]!, meanValueE4: purchases.meanValueE4[who]! },
      }
      const { aliveProbability, purchases: orders, valueE4 } = predictCustomer(models, customer)
      return { customer: `c-${who}`, alive: aliveProbability, orders, value: valueE4 / 10_000 }
    })
}

async function expectStored(wanted: ReturnType<typeof expected>): Promise<void> {
  const stored = await test.warehouse.query<
    Record<'customer' | 'alive' | 'churn' | 'orders' | 'value', string>
  >(
    `SELECT customer, alive, churn_risk AS churn, orders_12m AS orders, value_12m AS value
     FROM ${DATABASE}.customer_values FINAL WHERE tenant = '${TENANT.id}' ORDER BY customer`,
  )
  expect(stored.map(({ customer }) => customer)).toEqual(wanted.map(({ customer }) => customer).sort())
  const byName = new Map(wanted.map((one) => [one.customer, one]))
  for (const { customer, alive, churn, orders, value } of stored) {
    const one = byName.get(customer)!
    expect(Math.abs(Number(alive) - one.alive), customer).toBeLessThan(1e-6)
    expect(Number(alive) + Number(churn)).toBeCloseTo(1, 9)
    expect(Math.abs(Number(orders) - one.orders), customer).toBeLessThan(1e-4)
    expect(Math.abs(Number(value) - one.value), customer).toBeLessThan(2e-4)
  }
}

const orderOf = (row: number): Told => ({
  ...{ orderId: `o-${row}`, customerId: `c-${rows.customer[row]!}`, total: fromE4(rows.valueE4[row]!) },
  placedAt: `${formatDay(rows.day[row]!)}T16:00:00Z`,
})
const allRows = [...rows.day.keys()]

it('fits CDNOW as the papers do through log and table, once a day and not again after a restart', async () => {
  await tell([
    ...allRows.map(orderOf),
    // No customer's: a guest, another currency, an order that never counted, a credit that is no purchase.
    { orderId: 'guest', total: '999.00' },
    { orderId: 'euro', customerId: 'c-1', currency: 'EUR', total: '5000.00' },
    { orderId: 'failed', customerId: 'c-2', status: 'failed', total: '5000.00' },
  ])
  await tellNow(END)
  const following = follow()
  await waitUntil('the first fit', 60_000, async () => following.made().length > 0)
  await following.looked(following.made().length + 5)
  expect(following.made()).toEqual([
    { tenant: 'cdnow', revision: 1, cutOff: '2007-09-30', customers, isFitted: true },
  ])
  const model = await readValueModel(test.warehouse, SCOPE)
  const { r, alpha, a, b, logLikelihood } = model!.bgNbd!
  expect([r, alpha, a, b].map((value) => value.toFixed(4))).toEqual(['0.2426', '4.4136', '0.7929', '2.4259'])
  expect(logLikelihood).toBeCloseTo(-9_582.43, 2)
  const { p, q, v, ...values } = model!.gammaGamma!
  expect([p, q, v].map((value) => value.toFixed(2))).toEqual(['6.25', '3.74', '15.44'])
  expect(values.logLikelihood).toBeCloseTo(-4_055.92, 2)
  expect(values.customers).toBe(946)
  expect(model).toMatchObject({ cutOff: '2007-09-30', customers: 2_357, refusal: '', valueRefusal: '' })
  const before = expected(rows.valueE4, END, () => false)
  await expectStored(before)
  await following.stop()

  const again = follow()
  await again.looked(5)
  expect(again.made()).toEqual([])

  // The past is another: a refund of a repeat purchase, and a customer whose orders were all cancelled. Less than a
  // hundredth: it is the next day that knows it.
  const refunded = allRows.find((row) => before.some((one) => one.customer === `c-${rows.customer[row]!}`))!
  const who = rows.customer[refunded]!
  const later = allRows.filter((row) => rows.customer[row] === who && rows.day[row]! <= END).at(-1)!
  const gone = rows.customer.findIndex((one) => one !== who)
  const goneWho = rows.customer[gone]!
  const half = fromE4(Math.round(rows.valueE4[later]! / 2))
  const placedAt = orderOf(later).placedAt!
  await tell([
    { ...orderOf(later), version: 2, refunds: [{ id: 'r', at: placedAt, amount: half }] },
    ...allRows
      .filter((row) => rows.customer[row] === goneWho)
      .map((row) => ({ ...orderOf(row), version: 2, status: 'cancelled' as const })),
  ])
  await again.looked(12)
  expect(again.made()).toEqual([])
  await tellNow(END + 1)
  await waitUntil('the next day', 60_000, async () => again.made().length > 0)
  expect(again.made()[0]).toMatchObject({ revision: 2, cutOff: '2007-10-01', customers: customers - 1 })
  const valueE4 = rows.valueE4.slice()
  valueE4[later]! -= toE4(half)
  await expectStored(expected(valueE4, END + 1, (one) => one === goneWho))
  await again.stop()
  expect(await readCustomerValue(test.warehouse, { ...SCOPE, customer: `c-${goneWho}` })).toBeUndefined()
  expect(await readCustomerValue(test.warehouse, { ...SCOPE, customer: `c-${who}` })).toMatchObject({
    cutOff: '2007-10-01',
  })
  // Who has sold nothing is told nothing.
  expect((await readLastValueModels(test.warehouse, SCOPE)).map(({ tenant }) => tenant)).toEqual(['cdnow'])
})

it('says why it does not fit where few have come again, and tries again once the past is another', async () => {
  const order = (customer: number, day: number): Told => ({
    ...{ orderId: `e-${customer}-${day}`, tenant: EMPTY.id, customerId: `e-${customer}` },
    ...{
      placedAt: `2024-0${1 + (customer % 5)}-${10 + day}T12:00:00Z`,
      total: `${10 + ((customer * 7) % 31)}.00`,
    },
  })
  await tell(Array.from({ length: 80 }, (_, customer) => order(customer, 0)))
  const following = follow()
  await waitUntil('a refusal', 60_000, async () => following.made().length > 0)
  expect(following.made()[0]).toMatchObject({ tenant: EMPTY.id, customers: 80, isFitted: false })
  const scope = { database: DATABASE, tenant: EMPTY.id }
  const refused = await readValueModel(test.warehouse, scope)
  expect(refused).toMatchObject({ refusal: 'too-few-repeat-buyers', bgNbd: null, gammaGamma: null })
  expect(refused!.refusalText).toMatch(/^0 customers have bought on a second day; 30 are needed/)
  // The same day: many orders more of the past.
  await tell(
    Array.from({ length: 70 }, (_, customer) =>
      Array.from({ length: 1 + (customer % 6) }, (_, day) => order(customer, 1 + day)),
    ).flat(),
  )
  // Seventy have come again, and all of them fell silent years ago: that is another reason.
  const reason = async () => (await readValueModel(test.warehouse, scope))?.refusal
  await waitUntil('another try', 60_000, async () => (await reason()) === 'not-converged')
  await following.stop()
  expect(await readCustomerValue(test.warehouse, { ...scope, customer: 'e-5' })).toBeUndefined()
})
