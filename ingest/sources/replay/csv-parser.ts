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
type Scan = Found | CsvFault | 'more'

interface Found {
  next: number
  raw: string
  fields: string[]
}

export function createCsvParser(): CsvParser {
  const reading: Reading = { rest: '', line: 1, begun: false, dropping: false }
  return { push: (text) => read(reading, text, false), end: () => read(reading, '', true) }
}

interface Reading {
  /** What was pushed and is not read yet; less than a record. */
  rest: string
  line: number
  /** Whether the byte order mark is behind us. */
  begun: boolean
  /** Inside a line that was given up for its length: everything up to its end is dropped. */
  dropping: boolean
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf'

function read(reading: Reading, text: string, atEnd: boolean): CsvRecord[] {
  const buffer = reading.rest + text
  const records: CsvRecord[] = []
  let position = beginning(reading, buffer, atEnd)
  let quote = -1
  while (position < buffer.length) {
    if (reading.dropping) {
      position = dropLine(reading, buffer, position)
      continue
    }
    if (quote < position) quote = indexOrEnd(buffer, '"', position)
    const scan = scanRecord(buffer, position, quote, atEnd)
    if (scan === 'more') break
    const taken =
      typeof scan === 'string' ? giveUp(reading, buffer, position, scan, atEnd) : take(reading, scan)
    if (taken === undefined) break
    if (taken.record !== undefined) records.push(taken.record)
    position = taken.next
  }
  reading.rest = buffer.slice(position)
  return records
}

/** Where reading begins: behind the mark, or nowhere yet when the mark may still be coming. */
function beginning(reading: Reading, buffer: string, atEnd: boolean): number {
  if (reading.begun) return 0
  if (buffer.length < BYTE_ORDER_MARK.length && !atEnd) return 0
  reading.begun = true
  return buffer.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
}

function dropLine(reading: Reading, buffer: string, position: number): number {
  const newline = buffer.indexOf('\n', position)
  if (newline === -1) return buffer.length
  reading.dropping = false
  reading.line += 1
  return newline + 1
}

function take(reading: Reading, { raw, fields, next }: Found): { record?: CsvRecord; next: number } {
  const { line } = reading
  reading.line += raw.includes('\n') ? raw.split('\n').length : 1
  return raw === '' ? { next } : { record: { line, raw, fields }, next }
}

/** Gives up the line at `position`; undefined when its end is not known yet. */
function giveUp(reading: Reading, buffer: string, position: number, why: CsvFault, atEnd: boolean) {
  const newline = buffer.indexOf('\n', position)
  const end = newline === -1 ? buffer.length : newline
  const tooLong = end - position > MAX_RECORD_CHARS
  if (newline === -1 && !atEnd && !tooLong) return undefined
  const raw = withoutReturn(buffer.slice(position, Math.min(end, position + MAX_RECORD_CHARS)))
  const record: CsvRecord = { line: reading.line, raw, fault: tooLong ? 'too-long' : why }
  if (newline === -1) reading.dropping = !atEnd
  else reading.line += 1
  return { record, next: end + 1 }
}

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
