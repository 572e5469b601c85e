/** Orders for measuring: three lines each, one in ten an update of an order before it. No chance: the same every time. */
import { encodeOrdersEvent } from '../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../core/contracts/order.ts'
import { TOPICS } from '../core/contracts/topics.ts'
import { type NewRecord, partitionOf } from '../core/log/event-log.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'

export type Form = 'compact' | 'json'

/** How far back an update reaches, in orders: some days of a busy shop. */
const REACH = 20_000
const COUNTRIES = ['United Kingdom', 'Germany', 'France', 'Brazil', 'Japan']
const BEGIN_MS = Date.UTC(2024, 0, 1)
const STEP_MS = 300

/** The event of a record's number: an update where it ends in 9. */
export function benchEvent(number: number): OrderEventInput {
  const isUpdate = number % 10 === 9
  const order = isUpdate ? Math.max(0, number - 1 - ((number * 7_919) % Math.min(number, REACH))) : number
  return orderOf(order - (order % 10 === 9 ? 1 : 0), isUpdate ? number : 0)
}

function orderOf(order: number, version: number): OrderEventInput {
  const at = new Date(BEGIN_MS + order * STEP_MS).toISOString()
  return {
    type: 'order',
    schemaVersion: 1,
    tenant: DEMO_TENANT.id,
    source: 'bench',
    orderId: `SO-${order}`,
    version: version + 1,
    changedAt: at,
    status: version === 0 ? 'processing' : 'completed',
    placedAt: at,
    paidAt: at,
    customerId: `c-${(order * 7_919) % 200_000}`,
    currency: DEMO_TENANT.currency,
    country: COUNTRIES[order % COUNTRIES.length],
    region: `region ${order % 20}`,
    channel: order % 3 === 0 ? 'app' : 'web',
    shipping: '4.95',
    lines: [1, 2, 3].map((n) => lineOf(order, (order * n) % 997)),
  }
}

/** An article has one category and one price. */
function lineOf(order: number, article: number) {
  return {
    sku: `sku-${article}`,
    name: `Article number ${article}`,
    category: `category ${article % 12}`,
    quantity: `${1 + (order % 3)}`,
    unitPrice: `${5 + (article % 40)}.99`,
    unitCost: '3.10',
  }
}

/** With as many partitions as the orders topic begins with. */
export function benchRecord(number: number, form: Form): NewRecord {
  const event = benchEvent(number)
  const key = orderKey(event)
  const partition = partitionOf(key, TOPICS.orders.partitions)
  if (form === 'compact') return { partition, key, ...encodeOrdersEvent(event) }
  return { partition, key, value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' }
}
