/** A record that could not be taken: whole, with the reason and where it came from. */
import { z } from 'zod'
import { externalId, instant, label } from './fields.ts'

export const DEAD_LETTER_REASONS = [
  /** Not JSON, or not the text format that was promised. */
  'unreadable',
  /** Readable, but not what the contract says. */
  'invalid',
  /** ClickHouse refuses its content. */
  'refused',
] as const

/** What leaves room for the rest of the letter in the largest record that the log takes (8 MB). */
export const MAX_PAYLOAD_CHARS = 7_500_000

export const deadLetter = z.object({
  type: z.literal('dead-letter'),
  schemaVersion: z.literal(1),
  /** Empty where the record does not even tell its tenant. */
  tenant: z.string().max(63),
  source: z.string().max(63),
  /** Unique for ever: `topic:incarnation:partition:offset`, or `file:name:line`. A second letter of it changes nothing. */
  origin: externalId,
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: label,
  at: instant,
  /** The record as it came; base64 where it is no UTF-8 text. */
  payload: z.string().max(MAX_PAYLOAD_CHARS),
  encoding: z.enum(['utf8', 'base64']),
})

export type DeadLetter = z.infer<typeof deadLetter>
