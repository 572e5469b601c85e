/**
 * What is known of a tenant's orders while they come: what is usual, who bought how much, how fast they follow each other,
 * and a sample to fit a model from. All of it is bounded (about a megabyte, and the customers) and lives in memory only:
 * it is made anew from the base table, and customers' pseudonyms are stored nowhere else.
 */
import type { NewOrder } from '../../../clickhouse/queries/read-new-orders.ts'
import { localDay, offsetMs } from '../../../core/runtime/local-time.ts'
import { type ObservedOrder, ORDER_FEATURES, type OrderContext, orderFeatures } from './order-features.ts'
import {
  type CustomerHistory,
  countOrder,
  emptyTenantHistory,
  NO_CUSTOMER_HISTORY,
  withOrder,
} from './order-history.ts'
import { Reservoir } from './reservoir.ts'
import { SlidingCounts, type Velocity } from './sliding-counts.ts'

/** Orders that follow each other within it are counted together. */
export const VELOCITY_WINDOW_MS = 10 * 60_000
/** Orders that the sample stands for, and that are read at a start. */
export const HORIZON_ORDERS = 20_000
const SAMPLE_ORDERS = 4_096
/** A shop's first orders have nothing to be compared with: all stand out, and would make what is odd look usual. */
const FIRST_ORDERS = 200
const MAX_VELOCITY_KEYS = 20_000
/** Days that say how many orders a day has. */
const MAX_DAYS = 28
const DAY_HOURS = 24
const HOUR_MS = 3_600_000

/** An order with what was known when it came. */
export interface WatchedOrder {
  order: NewOrder
  observed: ObservedOrder
  context: OrderContext
  features: Float64Array
}

export class OrderWatch {
  readonly #timeZone: string
  readonly #maxCustomers: number
  readonly #tenant = emptyTenantHistory()
  /** In the order in which they were last heard of. */
  readonly #customers = new Map<string, CustomerHistory>()
  readonly #reservoir = new Reservoir({
    ...{ features: ORDER_FEATURES.length, capacity: SAMPLE_ORDERS, horizon: HORIZON_ORDERS, seed: 1 },
  })
  readonly #velocity = { customer: sliding(), card: sliding(), address: sliding() }
  readonly #days = new Map<number, number>()
  #seen = 0

  constructor({ timeZone, maxCustomers }: { timeZone: string; maxCustomers: number }) {
    this.#timeZone = timeZone
    this.#maxCustomers = maxCustomers
  }

  /** Orders that came by. */
  get seen(): number {
    return this.#seen
  }

  /** Rows to fit a model from. */
  sample() {
    return this.#reservoir.rows()
  }

  /** Of the days that are over; of the first one until then. */
  ordersPerDay(): number {
    const days = [...this.#days].sort(([a], [b]) => a - b)
    const over = days.length > 1 ? days.slice(0, -1) : days
    return over.length === 0 ? 0 : over.reduce((sum, [, orders]) => sum + orders, 0) / over.length
  }

  isKnown(customer: string): boolean {
    return this.#customers.has(customer)
  }

  /** What was told elsewhere of a customer who is not known here. */
  introduce(customer: string, history: CustomerHistory): void {
    this.#remember(customer, history)
  }

  /** Compares an order with what came before it, and takes it in. `standsFor`: how many, where only some are looked at. */
  observe(order: NewOrder, standsFor = 1): WatchedOrder {
    const { customer, amountE4, placedAtMs } = order
    const localMs = placedAtMs + offsetMs(placedAtMs, this.#timeZone)
    const observed: ObservedOrder = {
      ...{ amountE4, discountE4: Math.max(0, order.discountE4), items: order.units },
      localHour: (((localMs / HOUR_MS) % DAY_HOURS) + DAY_HOURS) % DAY_HOURS,
      region: order.region === '' ? null : order.region,
      prices: order.price === undefined ? [] : [order.price],
    }
    const history = customer === '' ? null : (this.#customers.get(customer) ?? NO_CUSTOMER_HISTORY)
    const velocity = {
      customer: this.#count('customer', customer, placedAtMs),
      card: this.#count('card', order.card, placedAtMs),
      address: this.#count('address', order.address, placedAtMs),
    }
    const context = { customer: history, tenant: this.#tenant, velocity }
    const features = orderFeatures(observed, context)
    this.#seen += 1
    if (this.#seen > FIRST_ORDERS) this.#reservoir.add(features)
    countOrder(this.#tenant, observed)
    if (history !== null) this.#remember(customer, withOrder(history, observed))
    this.#countDay(localDay(placedAtMs, this.#timeZone), standsFor)
    return { order, observed, context, features }
  }

  #count(of: 'customer' | 'card' | 'address', key: string, atMs: number): Velocity | null {
    return key === '' ? null : this.#velocity[of].add(key, atMs)
  }

  #remember(customer: string, history: CustomerHistory): void {
    this.#customers.delete(customer)
    this.#customers.set(customer, history)
    if (this.#customers.size > this.#maxCustomers)
      this.#customers.delete(this.#customers.keys().next().value!)
  }

  #countDay(day: number, orders: number): void {
    this.#days.set(day, (this.#days.get(day) ?? 0) + orders)
    if (this.#days.size > MAX_DAYS) this.#days.delete(Math.min(...this.#days.keys()))
  }
}

function sliding(): SlidingCounts {
  return new SlidingCounts({ windowMs: VELOCITY_WINDOW_MS, maxKeys: MAX_VELOCITY_KEYS })
}
