/**
 * CSV after RFC 4180: commas, quotes doubled inside quotes, CRLF or LF, newlines inside quotes, a byte order mark. Text
 * is pushed in pieces of any size, the result does not depend on where they are cut. Each byte must come as one
 * character (latin1): delimiters are ASCII, so bytes of a wrong encoding survive and can be shown as they were.
 *
 * Limits: a record may have MAX_RECORD_CHARS. A stray quote would swallow the rest of the file; when no end is found
 * within the limit, or something stands behind a closing quote, the first line of the record is given up as a fault and
 * reading goes on with the line after it. A quote inside an unquoted field is a plain character. Empty lines are skipped.
 */
export const MAX_RECORD_CHARS = 65_536

export type CsvFault = 'quotes' | 'too-long'
/** `line` is the physical line that the record starts in, from 1. `raw` has no line end, and is cut at the limit. */
export type CsvRecord =
  | { line: number; raw: string; fields: string[] }
  | { line: number; raw: string; fault: CsvFault }

export interface CsvParser {
  push(text: string): CsvRecord[]
  /** The records that ended with the file. */
  end(): CsvRecord[]
}

/** What was found at a position: a record and where the next begins, a fault, or that more text is needed. */
type Scan = { next: number; raw: string; fields: string[] } | CsvFault | 'more'

export function createCsvParser(): CsvParser {
  let rest = ''
  let line = 1
  let atStart = true
  /** Inside a line that was given up for its length: everything up to its end is dropped. */
  let dropping = false

  function read(text: string, atEnd: boolean): CsvRecord[] {
    let buffer = rest + text
    if (atStart) {
      if (buffer.length < BYTE_ORDER_MARK.length && !atEnd) {
        rest = buffer
        return []
      }
      if (buffer.startsWith(BYTE_ORDER_MARK)) buffer = buffer.slice(BYTE_ORDER_MARK.length)
      atStart = false
    }
    const records: CsvRecord[] = []
    let position = 0
    let quote = -1
    while (position < buffer.length) {
      if (dropping) {
        const newline = buffer.indexOf('\n', position)
        position = newline === -1 ? buffer.length : newline + 1
        if (newline === -1) break
        dropping = false
        line += 1
        continue
      }
      if (quote < position) quote = indexOrEnd(buffer, '"', position)
      const scan = scanRecord(buffer, position, quote, atEnd)
      if (scan === 'more') break
      if (typeof scan !== 'string') {
        if (scan.raw !== '') records.push({ line, raw: scan.raw, fields: scan.fields })
        line += 1 + (scan.raw.includes('\n') ? scan.raw.split('\n').length - 1 : 0)
        position = scan.next
        continue
      }
      const newline = buffer.indexOf('\n', position)
      const known = newline !== -1 || atEnd || buffer.length - position > MAX_RECORD_CHARS
      if (!known) break
      const end = newline === -1 ? buffer.length : newline
      const fault = end - position > MAX_RECORD_CHARS ? 'too-long' : scan
      records.push({
        line,
        raw: withoutReturn(buffer.slice(position, Math.min(end, position + MAX_RECORD_CHARS))),
        fault,
      })
      dropping = newline === -1 && !atEnd
      if (newline !== -1) line += 1
      position = newline === -1 ? buffer.length : newline + 1
    }
    rest = buffer.slice(position)
    return records
  }
  return { push: (text) => read(text, false), end: () => read('', true) }
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf'

function scanRecord(buffer: string, start: number, quote: number, atEnd: boolean): Scan {
  const newline = buffer.indexOf('\n', start)
  const end = newline === -1 ? buffer.length : newline
  if (quote < end) return scanQuoted(buffer, start, atEnd)
  if (end - start > MAX_RECORD_CHARS) return 'too-long'
  if (newline === -1 && !atEnd) return 'more'
  const raw = withoutReturn(buffer.slice(start, end))
  return { next: end + 1, raw, fields: raw.split(',') }
}

function scanQuoted(buffer: string, start: number, atEnd: boolean): Scan {
  const limit = start + MAX_RECORD_CHARS
  const unfinished = (fault: CsvFault): Scan => (atEnd || buffer.length > limit ? fault : 'more')
  const fields: string[] = []
  let at = start
  for (;;) {
    let end = at
    if (buffer[at] === '"') {
      const field = scanQuotedField(buffer, at, limit)
      if (field === undefined) return unfinished('quotes')
      fields.push(field.value)
      end = field.end
    } else {
      end = Math.min(indexOrEnd(buffer, ',', at), indexOrEnd(buffer, '\n', at))
      if (end > limit) return 'too-long'
      if (end === buffer.length && !atEnd) return 'more'
      fields.push(buffer[end] === ',' ? buffer.slice(at, end) : withoutReturn(buffer.slice(at, end)))
    }
    // Whether a quote closed its field, and whether a return belongs to a line end, is known by the next character.
    if (!atEnd && (end >= buffer.length || (buffer[end] === '\r' && end + 1 >= buffer.length))) return 'more'
    if (buffer[end] === '\r' && (buffer[end + 1] === '\n' || end + 1 === buffer.length)) end += 1
    if (end >= buffer.length || buffer[end] === '\n')
      return { next: end + 1, raw: withoutReturn(buffer.slice(start, end)), fields }
    if (buffer[end] !== ',') return 'quotes'
    at = end + 1
  }
}

/** The value of a quoted field and the position behind its closing quote; undefined when there is none in reach. */
function scanQuotedField(
  buffer: string,
  at: number,
  limit: number,
): { value: string; end: number } | undefined {
  let value = ''
  let from = at + 1
  for (;;) {
    const quote = buffer.indexOf('"', from)
    if (quote === -1 || quote >= limit) return undefined
    value += buffer.slice(from, quote)
    if (buffer[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}

function indexOrEnd(buffer: string, wanted: string, from: number): number {
  const index = buffer.indexOf(wanted, from)
  return index === -1 ? buffer.length : index
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
