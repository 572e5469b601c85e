/** The building stones of all contracts: identifiers, instants and short texts, each with its bound. */
import { z } from 'zod'

/** ASCII names that stand in keys, users and addresses: `online-retail`. */
export const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens')

/**
 * A vendor's identifier: any text without control characters, 1 to 200 characters. Half of a surrogate pair has no UTF-8:
 * two ids that differ there would be one in ClickHouse.
 */
export const externalId = z
  .string()
  .min(1)
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not come in.
  .regex(/^[^\u0000-\u001f\u007f\ud800-\udfff]*$/u, 'no control characters, no halves of characters')

/** A short text that people read; NUL is refused because many stores cannot hold it. */
export const label = z
  .string()
  .max(500)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not come in.
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'no control characters')

/** An instant with its offset, ISO 8601: `2011-11-17T14:32:05Z`. From 2000 on; the upper bound is judged at ingest. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= EARLIEST_MS, 'not before the year 2000')
  .refine((text) => Date.parse(text) < LATEST_MS, 'not after the year 2099')

const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)

/** ISO 4217, three capital letters. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'three capital letters (ISO 4217)')

/** A version: any integer that grows with each change of the thing at its source. */
export const version = z.int().nonnegative()

export const tenant = name
export const source = name
