import { errorCode } from '../runtime/errors.ts'

const PASSING = new Set(['LOG_FULL', 'LOG_UNREACHABLE'])

/** True for what passes by itself, or by somebody's hand outside of this process: it is waited for, and tried again. */
export function isPassingLogError(error: unknown): boolean {
  return PASSING.has(errorCode(error) ?? '')
}
