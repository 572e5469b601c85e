import { errorCode, RevwallError } from '../core/runtime/errors.ts'

/** Every code that an answer can have, with its HTTP status. */
export const API_ERRORS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_MANY_TRIES: 429,
  NOT_READY: 503,
  WAREHOUSE_DOWN: 503,
  LOG_DOWN: 503,
  BUSY: 503,
  INTERNAL: 500,
} as const
export type ApiErrorCode = keyof typeof API_ERRORS

/** One fault of a request: where it is, and what is expected there. */
export interface Fault {
  path: string
  message: string
}

export class ApiError extends RevwallError {
  declare readonly code: ApiErrorCode
  readonly details: Fault[]
  /** When to come again; undefined: nothing is said of it. */
  readonly retryAfterMs: number | undefined
  constructor(
    code: ApiErrorCode,
    message: string,
    options: { details?: Fault[]; cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(code, message, { cause: options.cause })
    this.details = options.details ?? []
    this.retryAfterMs = options.retryAfterMs
  }
}

/** Whatever was thrown as what a client may know of it. Details of a bug stay in the log. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const code = errorCode(error) ?? ''
  const cause = { cause: error }
  if (UNREACHABLE.has(code))
    return new ApiError(
      'WAREHOUSE_DOWN',
      'ClickHouse does not answer at the moment; try again in a second.',
      cause,
    )
  if (code === 'BUSY') return new ApiError('BUSY', (error as Error).message, cause)
  if (OVERLOADED.has(code))
    return new ApiError('BUSY', 'The query took too long or too much memory; ask for a shorter range.', cause)
  const { statusCode, message } = (error ?? {}) as { statusCode?: number; message?: string }
  // Fastify's own refusals: a body that is too large, an address that cannot be decoded.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ApiError('BAD_REQUEST', message ?? 'The request cannot be read.', cause)
  return new ApiError('INTERNAL', 'Something went wrong here; the log has the details.', cause)
}

/** No whole answer, or one that did not come in time. */
export const UNREACHABLE: ReadonlySet<string> = new Set([
  'CLICKHOUSE_UNREACHABLE',
  'CLICKHOUSE_ABORTED',
  // Of several servers one does not answer the first: ATTEMPT_TO_READ_AFTER_EOF, SOCKET_TIMEOUT, NETWORK_ERROR,
  // ALL_CONNECTION_TRIES_FAILED. Half of the numbers would be wrong numbers.
  'CLICKHOUSE_32',
  'CLICKHOUSE_209',
  'CLICKHOUSE_210',
  'CLICKHOUSE_279',
])
/** TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, MEMORY_LIMIT_EXCEEDED. */
const OVERLOADED: ReadonlySet<string> = new Set(['CLICKHOUSE_159', 'CLICKHOUSE_202', 'CLICKHOUSE_241'])
