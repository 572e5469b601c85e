/** What came of an attempt. */
import { errorMessage } from '../../core/runtime/errors.ts'
import type { IncomingAnswer } from './send-request.ts'

export interface Outcome {
  result: 'delivered' | 'superseded' | 'failed'
  /** 0: there was no answer. */
  httpStatus: number
  /** Empty: it did not fail. */
  error: string
  /** The endpoint wants to be left alone: what Retry-After says. */
  retryAfter?: string | undefined
  /** The endpoint wants nothing any more. */
  isGone?: boolean
}

export const done = (result: 'delivered' | 'superseded', httpStatus: number): Outcome => ({
  ...{ result, httpStatus, error: '' },
})

const MAX_ERROR_CHARS = 300

/** An answer that says no. */
export function refusal({ status, retryAfter }: IncomingAnswer, error: string): Outcome {
  return { result: 'failed', httpStatus: status, error: error.slice(0, MAX_ERROR_CHARS), retryAfter }
}

export function noAnswer(error: unknown): Outcome {
  return {
    ...{ result: 'failed', httpStatus: 0 },
    error: `no answer: ${errorMessage(error)}`.slice(0, MAX_ERROR_CHARS),
  }
}
