/** A seeded source whose articles have its tenant's name, and the facts beside its orders. */

import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { type NoteEvent, noteKey } from '../../core/contracts/notes.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import type { FactTopic } from '../../processors/facts/parse-fact.ts'
import type { Delivery } from '../oracle/deliver.ts'
import { SeededSource } from '../oracle/seeded-source.ts'
import { orderIdOf, SOURCE, type TenantCase } from './shops.ts'

export class MarkedSource extends SeededSource {
  readonly #name: string

  constructor({ tenant, shop, seed, orders }: TenantCase) {
    super({ seed, shop, orders, orderIdOf, shuffleWindow: 20 })
    this.#name = tenant.name
  }

  override appendTo(log: EventLog, deliveries: readonly Delivery[]): Promise<void> {
    return super.appendTo(
      log,
      deliveries.map((delivery) => this.#mark(delivery)),
    )
  }

  // A bad record is known again by its bytes, and has the tenant in them anyway.
  #mark(delivery: Delivery): Delivery {
    if (delivery.dead !== undefined) return delivery
    const text = Buffer.from(delivery.value).toString('utf8')
    return { ...delivery, value: Buffer.from(text.replaceAll('"Article ', `"${this.#name} article `)) }
  }
}

/** Each of them has an order behind those of the source. */
export const CUSTOMERS = 12
const CHANGED = '2025-02-01T12:00:00Z'

/**
 * Both tenants': customers with the same ids and addresses, articles with the same numbers; rates, a note and a target of
 * their own.
 */
export async function tellFacts(log: EventLog, { tenant, shop, amount }: TenantCase): Promise<void> {
  const head = { schemaVersion: 1, tenant: tenant.id, source: SOURCE, version: 1, changedAt: CHANGED }
  const numbers = Array.from({ length: CUSTOMERS }, (_, n) => n + 1)
  const customers = numbers.map((n) => ({
    ...{ type: 'customer', ...head, customerId: `c${n}`, externalCustomerId: `no-${n}` },
    ...{
      name: `${tenant.name} Jo ${n}`,
      email: `jo${n}@example.org`,
      phone: `+1 ${n}`,
      country: shop.countries[0],
    },
  }))
  const products = numbers.map((n) => ({
    ...{ type: 'product', ...head, sku: `SKU-${n}`, name: `${tenant.name} article ${n}` },
    ...{ currency: tenant.currency, price: `${n}.50` },
  }))
  const rates = shop.currencies.slice(1).map((base, n) => ({
    ...{ type: 'rate', schemaVersion: 1, tenant: tenant.id, day: '2025-03-08', base, quote: tenant.currency },
    ...{ rate: `0.${tenant.id.length}${n + 5}`, provider: `Bank of ${tenant.name}` },
  }))
  const by = `Ana of ${tenant.name}`
  const notes: NoteEvent[] = [
    {
      ...{ type: 'annotation', schemaVersion: 1, tenant: tenant.id, id: 'deploy', kind: 'deploy', by },
      ...{ at: '2025-10-26T12:00:00Z', until: null, text: `${tenant.name} checkout 2.0`, removed: false },
    },
    {
      ...{
        type: 'target',
        schemaVersion: 1,
        tenant: tenant.id,
        series: 'revenue',
        period: 'day',
        by,
        amount,
      },
      ...{ from: '2025-10-01', currency: tenant.currency, removed: false },
    },
  ]
  const tell = (topic: FactTopic, key: string, event: object) =>
    log.append(topic, [
      {
        partition: partitionOf(key, log.partitions(topic)),
        ...{ key, value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' },
      },
    ])
  for (const event of customers) await tell('customers', `${tenant.id}/${event.customerId}`, event)
  for (const event of products) await tell('products', `${tenant.id}/${event.sku}`, event)
  for (const event of rates) await tell('rates', `${tenant.id}/${event.base}`, event)
  for (const event of notes) await tell('notes', noteKey(event), event)
}

/** A plain order of each customer, in the tenant's own currency: what customers are scored by. */
export async function tellBuyers(log: EventLog, { tenant, shop, seed }: TenantCase): Promise<void> {
  for (let n = 1; n <= CUSTOMERS; n++) {
    const at = new Date(Date.UTC(2025, n % 12, 10, 12)).toISOString()
    const event: OrderEventInput = {
      ...{
        type: 'order',
        schemaVersion: 1,
        tenant: tenant.id,
        source: SOURCE,
        orderId: `B/${n}`,
        version: 1,
      },
      ...{ changedAt: at, placedAt: at, status: 'completed', currency: tenant.currency, lines: [] },
      ...{ customerId: `c${n}`, country: shop.countries[0]!, total: `${seed * n}.10` },
    }
    const key = orderKey(event)
    const partition = partitionOf(key, log.partitions('orders'))
    await log.append('orders', [{ partition, key, ...encodeOrdersEvent(event) }])
  }
}
