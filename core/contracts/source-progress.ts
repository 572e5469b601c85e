/**
 * `source.progress`: "polled up to T, nothing else before it". It goes through every partition of the topic behind the
 * facts it speaks of, so that whoever has read it in all partitions has all facts up to T. It alone tells a quiet
 * source from a stale one.
 */
import { z } from 'zod'
import { instant, label, source, tenant } from './fields.ts'
import { STREAM_ROLES } from './order.ts'

/** `history`: old facts are being loaded; `live`: the wall clock; `replay`: the tenant's now is `upTo`. */
export const PROGRESS_MODES = ['history', 'live', 'replay'] as const

export const sourceProgress = z.object({
  type: z.literal('source.progress'),
  schemaVersion: z.literal(1),
  tenant,
  source,
  role: z.enum(STREAM_ROLES).default('sale'),
  /** Event time up to which the source is complete. */
  upTo: instant,
  /** Wall clock of the poll. */
  polledAt: instant,
  mode: z.enum(PROGRESS_MODES),
  /** Event seconds per wall second; 1 when live. */
  speed: z.number().positive().max(1e9).default(1),
  /** A replay's pass, from 1. */
  pass: z.int().positive().nullable().default(null),
  note: label.default(''),
})

/** A source speaks every second or so; one that has not for this long does not answer. */
export const STALE_AFTER_MS = 15_000

export type SourceProgress = z.infer<typeof sourceProgress>
