/** The envelope of CloudEvents 1.0 (structured JSON), for what other systems subscribe to. */
import { z } from 'zod'
import { externalId, instant, label } from './fields.ts'

/** `id` and `source` together name an event: the same pair twice is the same event. */
export function cloudEvent<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({
    specversion: z.literal('1.0'),
    type: z.literal(type),
    id: externalId,
    /** A URI reference: `/tenants/acme/anomalies`. */
    source: label.min(1),
    subject: label.min(1),
    /** When it was found, by the wall clock. */
    time: instant,
    datacontenttype: z.literal('application/json'),
    data,
  })
}
