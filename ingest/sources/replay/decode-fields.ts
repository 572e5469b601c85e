/** From one character a byte (see csv-parser.ts) to text. */
import type { CsvRecord } from './csv-parser.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is meant.
const BEYOND_ASCII = /[^\u0000-\u007f]/

/** The fields as text; undefined when the bytes are not UTF-8. */
export function decodeFields(record: CsvRecord & { fields: string[] }): string[] | undefined {
  if (!BEYOND_ASCII.test(record.raw)) return record.fields
  try {
    return record.fields.map((field) => utf8.decode(Buffer.from(field, 'latin1')))
  } catch {
    // The caller makes a dead letter of it, with the bytes.
    return undefined
  }
}

/** The record as it came, for a dead letter: text, or base64 where it is none. */
export function rawPayload(raw: string): { payload: string; encoding: 'utf8' | 'base64' } {
  const bytes = Buffer.from(raw, 'latin1')
  try {
    return { payload: utf8.decode(bytes), encoding: 'utf8' }
  } catch {
    // Not text: the dead letter keeps the bytes.
    return { payload: bytes.toString('base64'), encoding: 'base64' }
  }
}
