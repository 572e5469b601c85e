/** A row of `order_changes` as JSON prints it (64-bit integers and decimals quoted) back to what code works with. */
import { toE4 } from '../../core/contracts/money.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import {
  type ChangeRow,
  type ColumnKind,
  emptyOrderRow,
  ORDER_CHANGES_COLUMNS,
  type OrderRow,
} from './order-row.ts'

/** `json` has every column of `ORDER_CHANGES_COLUMNS` by its name in the table. */
export function decodeChangeRow(json: Record<string, unknown>): ChangeRow {
  const row = emptyChangeRow() as unknown as Record<string, unknown>
  for (const { name, field, kind, array } of ORDER_CHANGES_COLUMNS) {
    const value = json[name]
    row[field] = array ? (value as unknown[]).map((item) => exact(item, kind)) : exact(value, kind)
  }
  return row as unknown as ChangeRow
}

/** Assigned: spread into one literal, an object of so many fields takes a hundred times as long. */
export function emptyChangeRow(): ChangeRow {
  return Object.assign(emptyOrderRow('', '', ''), NO_PROVENANCE)
}

/** What a row has besides its order, empty. Every field by name: see emptyOrderRow. */
export const NO_PROVENANCE = {
  sign: 0,
  takenAt: 0,
  topic: '',
  incarnation: '',
  partition: 0,
  offset: 0,
  markFirst: 0,
  markLast: 0,
  markRows: 0,
  markHash: '',
  markCode: '',
  markServerStart: 0,
  progressTenant: [],
  progressSource: [],
  progressJson: [],
  progressFactAt: [],
} satisfies Omit<ChangeRow, keyof OrderRow>

function exact(value: unknown, kind: ColumnKind): unknown {
  if (value === null) return null
  switch (kind) {
    case 'string':
      return value
    case 'int':
      return Number(value)
    case 'decimal':
    case 'nullable-decimal':
      return toE4(String(value))
    case 'instant':
    case 'nullable-instant':
      return Date.parse(`${String(value).replace(' ', 'T')}Z`)
    case 'day':
      return parseDay(String(value))
  }
}
