/** A tenant: a business whose numbers are nobody else's. Its time zone cuts its days. */
import { z } from 'zod'
import { currency, label, name } from './fields.ts'

export const tenantConfig = z.object({
  id: name,
  name: label,
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as Europe/London'),
  /** The currency that the wall shows first; orders may come in any. */
  currency,
  /** ISO 3166-1 alpha-2: whose public holidays count. Default: that of the currency, for BRL, GBP and USD; null: nobody's. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters such as BR')
    .nullable()
    .optional(),
  /** Days on which the shop is not as on others of their weekday: `12-25` of every year, or `2026-04-03`. */
  holidays: z
    .array(z.string().regex(/^(\d{4}-)?\d{2}-\d{2}$/, 'MM-DD or YYYY-MM-DD'))
    .max(400)
    .optional(),
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
