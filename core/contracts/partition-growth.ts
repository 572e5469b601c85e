/**
 * `partitions.grown`: stands in every old partition of the orders topic at the place from which on its keys are divided
 * anew. Behind it a key belongs to `partitionOf(key, to)`; what is before it is taken in all old partitions first.
 */
import { z } from 'zod'
import { instant } from './fields.ts'

/** The key of these records; no tenant can have it. */
export const GROWTH_KEY = '$partitions'

export const partitionsGrown = z.object({
  type: z.literal('partitions.grown'),
  schemaVersion: z.literal(1),
  /** How many there were; one that does not follow from the last one is void. */
  from: z.int().positive(),
  to: z.int().positive(),
  at: instant,
})

export type PartitionsGrown = z.infer<typeof partitionsGrown>

/** Undefined for any other record. */
export function parseGrowth(key: string, value: Uint8Array): PartitionsGrown | undefined {
  if (key !== GROWTH_KEY) return undefined
  try {
    return partitionsGrown.safeParse(JSON.parse(new TextDecoder().decode(value))).data
  } catch {
    // Not JSON: it is judged as any other record is.
    return undefined
  }
}
