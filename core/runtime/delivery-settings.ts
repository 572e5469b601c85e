/** The settings of what leaves by HTTP. Endpoints themselves stand in a file: `revwall endpoints`. */
import { z } from 'zod'

export interface DeliveryConfig {
  /** Whether addresses of this machine and of private networks may be sent to. */
  allowPrivate: boolean
}

export const DELIVERY_VARIABLES = [
  {
    name: 'REVWALL_DELIVERY_PRIVATE',
    fallback: 'refuse',
    meaning: 'allow: endpoints may be in private networks, and this machine',
  },
]

export const deliveryVariables = {
  REVWALL_DELIVERY_PRIVATE: z.enum(['refuse', 'allow'], { error: 'refuse or allow' }).default('refuse'),
}

export function deliveryOf(v: z.output<z.ZodObject<typeof deliveryVariables>>): DeliveryConfig {
  return { allowPrivate: v.REVWALL_DELIVERY_PRIVATE === 'allow' }
}
