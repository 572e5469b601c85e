/** A processor's notice to the live hubs: this batch is in ClickHouse now. A lost one costs a second, never a number. */
import { z } from 'zod'
import { instant, label, tenant } from './fields.ts'

export const committedBatch = z.object({
  type: z.literal('committed-batch'),
  schemaVersion: z.literal(1),
  run: label,
  topic: label,
  partition: z.int().nonnegative(),
  first: z.int(),
  last: z.int(),
  rows: z.int().nonnegative(),
  at: instant,
  /** When its oldest record was appended to the log; absent where an older processor told. */
  appendedAt: instant.optional(),
  /** What the batch touched: tenants with their local days, at most 1,000; more are left out and `everything` is set. */
  touched: z.array(z.object({ tenant, days: z.array(z.iso.date()) })).max(1_000),
  everything: z.boolean().default(false),
})

export type CommittedBatch = z.infer<typeof committedBatch>
