/**
 * How an event of the `orders` topic is written into a record. One place, so that every producer writes alike: orders in
 * the compact form, everything else, and whatever other teams write, as JSON.
 */
import { encodeCompactOrder } from './compact/encode-order.ts'
import type { OrdersTopicEvent } from './events.ts'
import type { OrderEventInput } from './order.ts'

/** `application/vnd.revwall.order` is compact/layout.ts. */
export type ContentType = 'application/json' | 'application/vnd.revwall.order'

export interface EncodedEvent {
  value: Uint8Array
  contentType: ContentType
}

const encoder = new TextEncoder()

/** The event must have passed its schema, or be made so that it would. */
export function encodeOrdersEvent(event: OrdersTopicEvent | OrderEventInput): EncodedEvent {
  if (event.type === 'order')
    return { value: encodeCompactOrder(event), contentType: 'application/vnd.revwall.order' }
  return { value: encoder.encode(JSON.stringify(event)), contentType: 'application/json' }
}
