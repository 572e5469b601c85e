import { RevwallError } from '../../core/runtime/errors.ts'

/** Every code that an answer can have, with its HTTP status. The shape of the answer is the api's. */
export const INGEST_ERRORS = {
  BAD_REQUEST: 400,
  /** All items were rejected; the answer lists them. */
  NOTHING_ACCEPTED: 400,
  UNAUTHORIZED: 401,
  TIMEOUT: 408,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  /** The processors have not opened their marks yet; a new log must not have records before that. */
  NOT_READY: 503,
  /** As many requests, or as many bytes, as are taken at one time. */
  BUSY: 503,
  /** The log takes nothing; nothing of the request is in it. */
  LOG_UNAVAILABLE: 503,
  /** The file of keys cannot be read, and none were known before. */
  KEYS_UNAVAILABLE: 503,
} as const
export type IngestErrorCode = keyof typeof INGEST_ERRORS

export class IngestError extends RevwallError {
  declare readonly code: IngestErrorCode
  constructor(code: IngestErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, options)
  }
}

export function errorBody(code: string, message: string) {
  return { error: { code, message, details: [] } }
}

/** Texts that quote the input: without control characters and halves of characters, and short. */
export function quotable(text: string, maxChars = 300): string {
  return text.slice(0, maxChars).replace(/[\p{Cc}\p{Cs}]/gu, ' ')
}
