/** A tenant: a business whose numbers are nobody else's. Its time zone cuts its days. */
import { z } from 'zod'
import { currency, label, name } from './fields.ts'

export const tenantConfig = z.object({
  id: name,
  name: label,
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as Europe/London'),
  /** The currency that the wall shows first; orders may come in any. */
  currency,
})

export type TenantConfig = z.infer<typeof tenantConfig>

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
