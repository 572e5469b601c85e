/** JSON of strangers: UTF-8 or nothing, and measured before it is parsed. */
import { errorMessage } from '../../core/runtime/errors.ts'
import { IngestError, quotable } from './ingest-error.ts'
import { MAX_DEPTH, MAX_VALUES } from './limits.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Throws `BAD_REQUEST` or `TOO_LARGE`. A BOM is passed over; of a key that comes twice the last value holds. A key
 * `__proto__` is an ordinary key here (JSON.parse defines it, it does not set it); the schemas drop it.
 */
export function parseJson(bytes: Uint8Array): unknown {
  measure(bytes)
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (error) {
    const what = error instanceof SyntaxError ? `not JSON: ${errorMessage(error)}` : 'not UTF-8 text'
    throw new IngestError('BAD_REQUEST', quotable(what), { cause: error })
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/** Depth and number of values, outside of strings. JSON.parse itself has no bound but memory. */
function measure(bytes: Uint8Array): void {
  let depth = 0
  let commas = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === COMMA) commas++
    else if (OPENING.has(byte)) {
      depth++
      if (depth > MAX_DEPTH) throw new IngestError('BAD_REQUEST', `more than ${MAX_DEPTH} levels deep`)
    } else if (CLOSING.has(byte)) depth--
  }
  if (commas > MAX_VALUES)
    throw new IngestError(
      'TOO_LARGE',
      `more than ${MAX_VALUES} values at once: send fewer, or lines of NDJSON`,
    )
}
