/** What leaves by HTTP for other systems: to what kinds of endpoints, and what becomes of each event. */
import { z } from 'zod'
import { externalId, instant, label, tenant } from './fields.ts'

/** Topics that an endpoint may ask for. */
export const DELIVERED_TOPICS = ['alerts', 'anomalies', 'segments'] as const
export type DeliveredTopic = (typeof DELIVERED_TOPICS)[number]

export const ENDPOINT_KINDS = ['webhook', 'slack'] as const
export type EndpointKind = (typeof ENDPOINT_KINDS)[number]

/**
 * Of a message, by its newest row. `queued`: to be sent, asked for again by somebody; `retrying`: failed, and is tried
 * again; `delivered`; `superseded`: something newer of its incident is shown already; `dead`: given up.
 */
export const DELIVERY_STATUSES = ['queued', 'retrying', 'delivered', 'superseded', 'dead'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** A message once more, though it was given up or delivered; without `messageId` all that the endpoint has dead. */
export const replayDelivery = z.object({
  type: z.literal('delivery.replay'),
  schemaVersion: z.literal(1),
  commandId: externalId,
  tenant,
  at: instant,
  by: label,
  endpoint: externalId,
  messageId: externalId.optional(),
})
export type ReplayDelivery = z.infer<typeof replayDelivery>
