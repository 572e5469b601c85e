/**
 * Rows of a fixed column list as the body of one INSERT. This first encoder writes JSONCompactEachRow; the faster one
 * in ClickHouse's Native format replaces it behind the same interface (columns and rows in, bytes and their format out).
 */
import { formatDay } from '../../core/runtime/local-time.ts'
import type { Column, ColumnKind } from './order-row.ts'

export interface EncodedRows {
  /** Name of the format for the end of the statement. */
  format: string
  body: Uint8Array
}

export function encodeRows(columns: readonly Column[], rows: readonly object[]): EncodedRows {
  const lines = rows.map((row) => encodeRow(columns, row as Record<string, unknown>))
  return { format: 'JSONCompactEachRow', body: Buffer.from(lines.join('\n'), 'utf8') }
}

/** The argument of `input('…')` for these columns. */
export function inputStructure(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `${name} ${type.replaceAll("'", "\\'")}`).join(', ')
}

function encodeRow(columns: readonly Column[], row: Record<string, unknown>): string {
  const values = columns.map(({ field, kind, array }) => {
    const value = row[field]
    return array ? (value as unknown[]).map((item) => plain(item, kind)) : plain(value, kind)
  })
  return JSON.stringify(values)
}

function plain(value: unknown, kind: ColumnKind): unknown {
  if (value === null) return null
  switch (kind) {
    case 'string':
    case 'int':
      return value
    case 'decimal':
    case 'nullable-decimal':
      return decimalText(value as number)
    case 'instant':
    case 'nullable-instant':
      return new Date(value as number).toISOString().slice(0, -1).replace('T', ' ')
    case 'day':
      return formatDay(value as number)
  }
}

/** 1/10,000 units as ClickHouse reads them. A fraction here would be a bug that rounds money: it throws. */
function decimalText(valueE4: number): string {
  if (!Number.isSafeInteger(valueE4)) throw new Error(`${valueE4} is no exact amount in 1/10,000 units`)
  const magnitude = Math.abs(valueE4)
  const fraction = String(magnitude % 10_000).padStart(4, '0')
  return `${valueE4 < 0 ? '-' : ''}${Math.floor(magnitude / 10_000)}.${fraction}`
}
