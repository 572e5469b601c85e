/** What a person or a processor asks of another room. Commands are facts too: they are read again after a crash. */
import { z } from 'zod'
import { replayDelivery } from './deliveries.ts'
import { externalId, instant, label, source, tenant, version } from './fields.ts'

const head = { schemaVersion: z.literal(1), commandId: externalId, tenant, at: instant, by: label }

/** Two contents were seen at one version: read the order again from its source. */
export const rereadOrder = z.object({
  type: z.literal('order.reread'),
  ...head,
  source,
  orderId: externalId,
  version,
})
export const syncNow = z.object({ type: z.literal('source.sync'), ...head, source })
export const replayDeadLetter = z.object({
  type: z.literal('dead-letter.replay'),
  ...head,
  origin: externalId,
})
export const acknowledgeAlert = z.object({
  type: z.literal('alert.acknowledge'),
  ...head,
  alertId: externalId,
})

/** Nothing is told of it until then: `owner` answers for that. */
export const silenceAlert = z.object({
  type: z.literal('alert.silence'),
  ...head,
  alertId: externalId,
  owner: label.min(1),
  until: instant,
})

export const command = z.discriminatedUnion('type', [
  rereadOrder,
  syncNow,
  replayDeadLetter,
  acknowledgeAlert,
  silenceAlert,
  replayDelivery,
])
export type Command = z.infer<typeof command>
export type RereadOrder = z.infer<typeof rereadOrder>
/** What a person does about an alert. */
export type AlertCommand = z.infer<typeof acknowledgeAlert> | z.infer<typeof silenceAlert>
