/**
 * A shop that does not exist, with orders, edits, refunds, payments, cancellations, conflicts and faulty records, all
 * from one seed. It keeps its own books (life-book.ts), from what it did and not from what it told.
 */

import { type EncodedEvent, encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { type EventLog, type NewRecord, partitionOf } from '../../core/log/event-log.ts'
import { type BadRecord, badRecords } from './bad-records.ts'
import { Books } from './books.ts'
import { type Delivery, type Duplicates, displace, duplicate, shuffle } from './deliver.ts'
import type { Shop } from './invent-order.ts'
import { liveOn } from './live-on.ts'
import { OrderLife } from './order-life.ts'
import { postLife } from './post-life.ts'
import { Random } from './random.ts'
import { iso } from './snapshot.ts'

export interface SeededSourceOptions {
  seed: number
  shop: Shop
  orders: number
  duplicates?: Duplicates
  /** By how many places a record may move; 0 keeps the order in which things happened. */
  shuffleWindow?: number
  /** Records that must become dead letters. */
  bad?: boolean
  /** The id of the n-th order; default: one of the many forms that vendors have. */
  orderIdOf?: (n: number) => string
}

export class SeededSource {
  readonly shop: Shop
  readonly lives = new Map<string, OrderLife>()
  readonly expectedDeadLetters: readonly BadRecord[]
  readonly #random: Random
  readonly #duplicates: Duplicates
  readonly #orderIdOf: ((n: number) => string) | undefined
  #deliveries: Delivery[]

  constructor({
    seed,
    shop,
    orders,
    duplicates = 'every-fifth',
    shuffleWindow = 0,
    bad = true,
    orderIdOf,
  }: SeededSourceOptions) {
    this.shop = shop
    this.#orderIdOf = orderIdOf
    this.#random = new Random(seed)
    this.#duplicates = duplicates
    for (let n = 1; n <= orders; n++) this.#invent(n)
    const told = [...this.lives].flatMap(([key, life]) =>
      displace(this.#random, life).map(({ due, event }) => ({
        key,
        due,
        value: Buffer.from(JSON.stringify(event)),
      })),
    )
    const inTime = told.sort((a, b) => a.due - b.due)
    const shuffled = shuffleWindow > 0 ? shuffle(this.#random, inTime, shuffleWindow) : inTime
    this.#deliveries = duplicate(bad ? this.#withBad(shuffled) : shuffled, duplicates)
    this.expectedDeadLetters = this.#deliveries.flatMap(({ value, dead }) =>
      dead === undefined ? [] : [{ value, reason: dead }],
    )
  }

  /** Of what is still to be delivered. */
  get left(): number {
    return this.#deliveries.length
  }

  /** The next n records, doubled ones included; fewer at the end. */
  nextEvents(n: number): Delivery[] {
    return this.#deliveries.splice(0, n)
  }

  /** What must be there once everything was delivered and every re-read answered. */
  books(): Books {
    const books = new Books()
    for (const life of this.lives.values()) postLife(books, life)
    return books
  }

  /** Appends records, and `source.progress` behind them in every partition, in one durable step. */
  async appendTo(log: EventLog, deliveries: readonly Delivery[], topic = 'orders'): Promise<void> {
    const partitions = log.partitions(topic)
    const facts = deliveries.map(({ key, value }) => record(partitionOf(key, partitions), key, value))
    const progress = this.shop.sources.flatMap((source) => {
      const value = Buffer.from(JSON.stringify(this.#progress(source)))
      const key = `${this.shop.tenant}/${source}`
      return Array.from({ length: partitions }, (_, partition) => record(partition, key, value))
    })
    await log.append(topic, [...facts, ...progress])
  }

  /** The source's answer to an `order.reread`: its true content; undefined when nobody had a reason to ask. */
  answer(command: {
    tenant: string
    source: string
    orderId: string
    commandId: string
  }): Delivery[] | undefined {
    const key = orderKey(command)
    const conflict = this.lives.get(key)?.conflict
    if (conflict === undefined) return undefined
    const value = Buffer.from(JSON.stringify({ ...conflict.truth, rereadOf: command.commandId }))
    const delivery = { key, value, due: 0 }
    return this.#duplicates === 'all' ? [delivery, delivery] : [delivery]
  }

  #invent(n: number): void {
    const random = this.#random
    const source = random.pick(this.shop.sources)
    // Vendors number their orders as they like; slashes and quotes are what keys and SQL trip over.
    const orderId = this.#orderIdOf?.(n) ?? random.pick([`${1000 + n}`, `A/${n}`, `№ ${n}'s "x"`, `${n}\\`])
    const life = new OrderLife(random, this.shop, source, orderId)
    for (let steps = random.int(0, 7); steps > 0; steps--) liveOn(life)
    if (random.chance(0.08)) {
      life.pass()
      life.tellConflict()
    }
    this.lives.set(orderKey({ tenant: this.shop.tenant, source, orderId }), life)
  }

  #withBad(deliveries: readonly Delivery[]): Delivery[] {
    const all = [...deliveries]
    for (const bad of badRecords(this.shop)) {
      const at = this.#random.int(0, all.length)
      all.splice(at, 0, { key: `bad/${at}`, value: bad.value, due: all[at]?.due ?? 0, dead: bad.reason })
    }
    return all
  }

  #progress(source: string) {
    const upTo = Math.min(Date.now(), ...this.#deliveries.filter(({ due }) => due > 0).map(({ due }) => due))
    const { tenant } = this.shop
    const at = iso(Date.now())
    return {
      type: 'source.progress',
      schemaVersion: 1,
      tenant,
      source,
      upTo: iso(upTo),
      polledAt: at,
      mode: 'history',
    }
  }
}

function record(partition: number, key: string, value: Uint8Array): NewRecord {
  return { partition, key, ...inEitherForm(key, value) }
}

/** Every other record that can be is in the compact form, by a bit of its own bytes. */
export function inEitherForm(key: string, value: Uint8Array): EncodedEvent {
  const json = { value, contentType: 'application/json' } as const
  // Bad records stay what they are.
  if (value.length % 2 === 0 || key.startsWith('bad/')) return json
  return encodeOrdersEvent(parseOrdersTopicEvent(JSON.parse(Buffer.from(value).toString('utf8'))))
}
