/**
 * A shop that does not exist, record by record in the order in which a source would tell them. Pure: no clock, no I/O;
 * the same options give the same records. What is kept is the catalogue, the active customers, the orders to which
 * something will still happen, and the ledger: never all orders.
 */
import type { CustomerEvent, ProductEvent } from '../../../core/contracts/facts.ts'
import { createCatalogue } from './catalogue.ts'
import { createCustomerPool } from './customer-pool.ts'
import { createFollowUps } from './follow-ups.ts'
import { createIntensity, type PaceChange } from './intensity.ts'
import { createLedger, type SimulationLedger } from './ledger.ts'
import { createLocalCalendar } from './local-calendar.ts'
import { bookFinal, termsOf } from './order-book.ts'
import { orderEvent, type SimulatedOrderEvent } from './order-events.ts'
import { beginLife, type Shop } from './order-life.ts'
import { createOrderPlacer, type PlacedOrder } from './place-order.ts'
import { createPlaces } from './places.ts'
import { Random } from './random.ts'
import { type SimulationOptions, settle } from './simulation-options.ts'

export interface SimulatedRecord {
  topic: 'orders' | 'customers' | 'products'
  /** As core/contracts/topics.ts has it. */
  key: string
  /** When the source tells it, wall clock; what it tells of may have happened earlier. */
  dueMs: number
  event: SimulatedOrderEvent | CustomerEvent | ProductEvent
}

export interface Simulation {
  /** The next record, in order of arrival, if it is due by then; else undefined. */
  next(untilMs: number): SimulatedRecord | undefined
  /**
   * From an instant on orders come at another pace. Returns when that really is: behind everything that has happened,
   * so that a run that knows of the change from its beginning tells the same.
   */
  changePace(change: PaceChange): PaceChange
  /** Records told so far: a position that means the same in every run of the same options and paces. */
  readonly told: number
  /** Orders told so far, each counted once. */
  readonly orders: number
  /** Orders and records of which something is still to come; at most MAX_WAITING of follow-ups.ts. */
  readonly waiting: number
  /** When the last record was due. */
  readonly lastMs: number
  /** The mean number of orders between two instants. */
  expectedOrders(fromMs: number, untilMs: number): number
  /** Of all that was told. */
  readonly ledger: SimulationLedger
}

const STREAM = 0x74696d65

/** Errors: `SIMULATE_BAD_OPTION`. */
export function createSimulation(options: SimulationOptions): Simulation {
  const settings = settle(options)
  const { seed, tenant, source, currency, timeZone, beginMs, maxOrders } = settings
  const calendar = createLocalCalendar(timeZone)
  const intensity = createIntensity(settings, calendar)
  const placeAt = createPlaces(currency)
  const shop: Shop = {
    settings,
    calendar,
    placeAt,
    catalogue: createCatalogue(settings),
    ledger: createLedger(),
  }
  const pool = createCustomerPool(settings, placeAt)
  const placer = createOrderPlacer(shop, pool)
  const followUps = createFollowUps(shop)
  const random = new Random(seed, STREAM)
  /** Told before anything else: what happened at the last instant, in its order. Emptied before time goes on. */
  let queue: SimulatedRecord[] = []
  let queueAt = 0
  let told = 0
  let orders = 0
  let lastMs = beginMs
  let happenedMs = beginMs
  let slot = intensity.slotAt(beginMs)
  let day = slot.localDay - 1
  beginSlot()
  let upcoming = drawUpcoming(beginMs)

  /** Within a slot orders come as a Poisson process; it has no memory, so that it begins anew with each slot. */
  function drawUpcoming(fromMs: number): { atMs: number; isOrder: boolean } {
    const end = { atMs: slot.untilMs, isOrder: false }
    if (slot.perMs === 0 || placer.placed >= maxOrders) return end
    const atMs = fromMs + random.exponential() / slot.perMs
    return atMs < slot.untilMs ? { atMs, isOrder: true } : end
  }

  function beginSlot(): void {
    followUps.plan(slot.basePerMs)
    const { fromMs: atMs, years } = slot
    // A day that a zone leaves out (Samoa had no 30 December 2011) is begun all the same.
    for (; day < slot.localDay; day++) {
      const market = intensity.marketOf(day + 1)
      for (const event of shop.catalogue.beginDay({ localDay: day + 1, atMs, years, market }))
        queue.push({ topic: 'products', key: `${tenant}/${event.sku}`, dueMs: atMs, event })
      for (const event of pool.beginDay(atMs)) queueCustomer(event, atMs)
    }
  }

  function goOn(): void {
    const { atMs, isOrder } = upcoming
    happenedMs = atMs
    if (isOrder) tellOrder(placer.place(Math.floor(atMs), slot, followUps.hasRoom()))
    else {
      slot = intensity.slotAt(atMs)
      beginSlot()
    }
    upcoming = drawUpcoming(atMs)
  }

  /** Most orders are done with their first event: nothing of them is kept. */
  function tellOrder(order: PlacedOrder): void {
    const { atMs, orderId, content, plan, newCustomer } = order
    if (newCustomer !== undefined) queueCustomer(newCustomer, atMs)
    const isLate = followUps.drawLate()
    if (isLate || plan.length > 0) {
      const event = followUps.open(beginLife(shop, order), atMs, isLate)
      if (event !== undefined) queueOrder(event, atMs, true)
      return
    }
    const event = orderEvent(settings, { orderId, version: 1, changedMs: atMs }, content)
    const saleDay = calendar.dayOf(content.placedMs)
    const bookedDay = content.paidMs === null ? saleDay : calendar.dayOf(content.paidMs)
    bookFinal(shop.ledger, termsOf(content), { booked: bookedDay, sale: saleDay })
    queueOrder(event, atMs, true)
    followUps.repeat(event, atMs)
  }

  function followUp(): void {
    const { dueMs, event, isFirst } = followUps.take()!
    if (event !== undefined) queueOrder(event, dueMs, isFirst)
  }

  function queueOrder(event: SimulatedOrderEvent, dueMs: number, isFirst: boolean): void {
    if (isFirst) orders += 1
    queue.push({ topic: 'orders', key: `${tenant}/${source}/${event.orderId}`, dueMs, event })
  }
  function queueCustomer(event: CustomerEvent, dueMs: number): void {
    queue.push({ topic: 'customers', key: `${tenant}/${event.customerId}`, dueMs, event })
  }

  function next(untilMs: number): SimulatedRecord | undefined {
    while (queueAt === queue.length) {
      queue = []
      queueAt = 0
      const goesOnMs = Math.floor(upcoming.atMs)
      if (Math.min(followUps.nextMs, goesOnMs) > untilMs) return undefined
      if (followUps.nextMs <= goesOnMs) followUp()
      else goOn()
    }
    const record = queue[queueAt]!
    queueAt += 1
    told += 1
    lastMs = record.dueMs
    return record
  }

  return {
    next,
    changePace(asked) {
      const atMs = Math.max(asked.atMs, Math.floor(Math.max(happenedMs, lastMs)) + 1)
      const change = { ...asked, atMs }
      intensity.changePace(change)
      if (atMs >= slot.untilMs) return change
      slot = { ...slot, untilMs: atMs }
      if (upcoming.atMs >= atMs) upcoming = { atMs, isOrder: false }
      return change
    },
    get told() {
      return told
    },
    get orders() {
      return orders
    },
    get waiting() {
      return followUps.size
    },
    get lastMs() {
      return lastMs
    },
    expectedOrders: intensity.expected,
    ledger: shop.ledger,
  }
}
