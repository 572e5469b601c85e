/** What travels on the `orders` topic, and how any version of it becomes the present one. */
import { z } from 'zod'
import { cancellationEvent, orderEvent, paymentEvent, refundEvent } from './order.ts'
import { sourceProgress } from './source-progress.ts'
import { type Upcasters, upcast } from './upcast.ts'

export const ordersTopicEvent = z.discriminatedUnion('type', [
  orderEvent,
  refundEvent,
  paymentEvent,
  cancellationEvent,
  sourceProgress,
])
export type OrdersTopicEvent = z.infer<typeof ordersTopicEvent>
export type OrderFact = Exclude<OrdersTopicEvent, { type: 'source.progress' }>

/** Steps from a version to the next, by type. Version 1 is the first that was ever published: there is none yet. */
export const UPCASTERS: Upcasters = {}

/** Upcasts and validates. Throws ZodError; the caller makes a dead letter of it. */
export function parseOrdersTopicEvent(raw: unknown): OrdersTopicEvent {
  return ordersTopicEvent.parse(upcast(raw, UPCASTERS))
}
