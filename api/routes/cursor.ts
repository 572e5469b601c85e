/** Where the next page begins, as a text that nobody needs to understand: the key of the last row, and the list's order. */
import { z } from 'zod'
import type { Keyset } from '../../clickhouse/queries/keyset.ts'
import { externalId } from '../../core/contracts/fields.ts'
import { ApiError } from '../api-error.ts'

const MAX_CURSOR_CHARS = 2_000

export const cursorField = z
  .string()
  .max(MAX_CURSOR_CHARS, 'a cursor as the page before gave it')
  .optional()
  .describe('`next` of the page before; everything else must be asked as it was there.')

/** What a value of the sorted column looks like. */
export const CURSOR_VALUES = {
  instant: /^(19[7-9]\d|2\d{3})-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d(\.\d{3})?$/,
  amount: /^-?\d{1,25}(\.\d{1,4})?$/,
  count: /^-?\d{1,18}$/,
  day: /^(19[7-9]\d|20\d{2}|21[0-4]\d)-[01]\d-[0-3]\d$/,
  share: /^(-1|[01](\.\d{1,6})?)$/,
} as const
export type CursorValue = keyof typeof CURSOR_VALUES

export function writeCursor(sort: string, next: Keyset | null): string | null {
  if (next === null) return null
  return Buffer.from(JSON.stringify([sort, next.value, ...next.keys])).toString('base64url')
}

/** Throws BAD_REQUEST for anything that `writeCursor` did not write for this order. */
export function readCursor(
  cursor: string | undefined,
  { sort, value, keys }: { sort: string; value: CursorValue; keys: number },
): Keyset | undefined {
  if (cursor === undefined) return undefined
  const shape = z.tuple([z.literal(sort), z.string().regex(CURSOR_VALUES[value])], externalId)
  const told = shape.safeParse(parse(cursor))
  if (!told.success || told.data.length !== keys + 2 || !isDate(value, told.data[1])) throw badCursor()
  const [, at, ...rest] = told.data
  return { value: at, keys: rest }
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

// The 31st of February has the shape of a date.
function isDate(value: CursorValue, text: string): boolean {
  if (value !== 'instant' && value !== 'day') return true
  const ms = Date.parse(value === 'day' ? text : `${text.replace(' ', 'T')}Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10))
}

function badCursor(): ApiError {
  const message = 'a cursor as the page before gave it, with the same `sort`'
  return new ApiError('BAD_REQUEST', `cursor: ${message}`, { details: [{ path: 'cursor', message }] })
}
