/** A processor's heartbeat: whoever shows the numbers in another process learns from it whether anything takes them. */
import { z } from 'zod'
import { instant, label } from './fields.ts'
import { sayingFields } from './sayings.ts'

/** How often a processor speaks, and after how long without a word it counts as gone. */
export const PROCESSOR_HEALTH_INTERVAL_MS = 1_000
export const PROCESSOR_GONE_AFTER_MS = 4_000

export const processorHealth = z.object({
  type: z.literal('processor.health'),
  schemaVersion: z.literal(1),
  /** One life of one process. */
  instance: label,
  /** The one that is shown; empty while nobody knows. */
  run: label,
  at: instant,
  /** `stopped` is its last word. */
  state: z.enum(['running', 'recovering', 'halted', 'stopped']),
  /** What it waits for, or why it halted; empty when all is well. */
  message: z.string().max(2_000).default(''),
  ...sayingFields,
  /** Records that the log held when it started and that are not taken yet, of all partitions. */
  backlog: z.int().nonnegative().default(0),
  /** Views may be wrong since a life of the server that did not end cleanly, and are being audited. */
  verifying: z.boolean(),
})

export type ProcessorHealthEvent = z.infer<typeof processorHealth>
