/** Why a line of the file is not in the sums, and how that maps to the reasons of a dead letter. */
import type { DeadLetter } from '../../../core/contracts/dead-letters.ts'

export type LineFaultReason = keyof typeof DEAD_LETTER_REASON

export interface LineFault {
  reason: LineFaultReason
  detail: string
}

export const DEAD_LETTER_REASON = {
  /** A quote that is never closed, or text behind a closing quote. */
  quotes: 'unreadable',
  'too-long': 'unreadable',
  encoding: 'unreadable',
  columns: 'unreadable',
  /** An invoice, stock or customer number that is missing, too long or has control characters. */
  identifier: 'invalid',
  text: 'invalid',
  number: 'invalid',
  date: 'invalid',
  /** More than five minutes older than a line before it: the file must be sorted by time. */
  'out-of-order': 'invalid',
  /** Its invoice was closed already, ten minutes of event time after its first line. */
  late: 'invalid',
  /** Another customer or country than the invoice's first line. */
  conflict: 'invalid',
  /** More lines, or a larger sum, than an order may have. */
  'too-large': 'invalid',
} as const satisfies Record<string, DeadLetter['reason']>
