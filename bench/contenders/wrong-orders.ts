/** Orders with edits and refunds, and what they come to: what any contender should show at the end. */
import { sumToE4 } from '../../core/contracts/money.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { type NewRecord, partitionOf } from '../../core/log/event-log.ts'
import { benchEvent } from '../bench-order.ts'

const REFUND = '5.00'

export interface Truth {
  orders: number
  revenueE4: bigint
}

/** As `benchEvent`, but that an update takes a line away, and each second one gives money back. Kept: what went back before. */
export function changedEvents(count: number): OrderEventInput[] {
  const refunds = new Map<string, NonNullable<OrderEventInput['refunds']>>()
  return Array.from({ length: count }, (_, number) => {
    const event = benchEvent(number)
    if (event.version === 1) return event
    const before = refunds.get(event.orderId) ?? []
    const refund = { id: `refund-${number}`, at: event.changedAt, amount: REFUND }
    const all = number % 20 === 9 ? [...before, refund] : before
    refunds.set(event.orderId, all)
    return { ...event, lines: event.lines!.slice(0, 2), refunds: all }
  })
}

export function recordOf(event: OrderEventInput): NewRecord {
  const key = orderKey(event)
  const value = Buffer.from(JSON.stringify(event))
  return {
    partition: partitionOf(key, TOPICS.orders.partitions),
    key,
    value,
    contentType: 'application/json',
  }
}

/** The last version of each order, less what went back; reckoned here, by nothing that is measured. */
export function truthOf(events: readonly OrderEventInput[]): Truth {
  const last = new Map(events.map((event) => [event.orderId, event]))
  let revenueE4 = 0n
  for (const { lines = [], refunds = [], shipping } of last.values()) {
    revenueE4 += sumToE4(shipping!)
    for (const { quantity, unitPrice } of lines) revenueE4 += BigInt(quantity) * sumToE4(unitPrice)
    for (const { amount } of refunds) revenueE4 -= sumToE4(amount)
  }
  return { orders: last.size, revenueE4 }
}
