/**
 * One block in ClickHouse's Native format: number of columns and rows, then name, type and data of each column. Its
 * columns are filled row by row, or each as a whole; those that are short are padded with defaults.
 */
import { ByteSink } from './byte-sink.ts'
import {
  ArrayColumn,
  DictionaryColumn,
  FixedColumn,
  type FixedWidth,
  type NativeColumn,
  NullableColumn,
  StringColumn,
} from './native-column.ts'

/** A column by its name and ClickHouse's name of its type. */
export interface NativeType {
  name: string
  type: string
}

export interface NativeBlock {
  /** In the order of the types given. */
  readonly columns: readonly NativeColumn[]
  /** The block's bytes, and all columns empty again. */
  finish(rows: number): Uint8Array<ArrayBuffer>
}

export function nativeBlock(types: readonly NativeType[]): NativeBlock {
  const columns = types.map(({ type }) => columnOf(type))
  const out = new ByteSink()
  return {
    columns,
    finish(rows) {
      out.reset()
      out.varint(types.length)
      out.varint(rows)
      for (const [index, column] of columns.entries()) {
        const { name, type } = types[index]!
        out.text(name)
        out.text(type)
        if (rows > 0) {
          column.padTo(rows)
          column.writePrefix(out)
          column.write(out)
        }
        column.reset()
      }
      const body = new Uint8Array(out.length)
      body.set(out.bytes.subarray(0, out.length))
      return body
    },
  }
}

const WIDTHS: Record<string, FixedWidth> = {
  Int8: 1,
  UInt8: 1,
  UInt16: 2,
  Date: 2,
  UInt32: 4,
  Int64: 8,
  UInt64: 8,
  'Decimal(18, 4)': 8,
  "DateTime64(3, 'UTC')": 8,
}

function columnOf(type: string): NativeColumn {
  const inner = (name: string) => (type.startsWith(`${name}(`) ? type.slice(name.length + 1, -1) : undefined)
  const item = inner('Array')
  if (item !== undefined) return new ArrayColumn(columnOf(item))
  const value = inner('Nullable')
  if (value !== undefined) return new NullableColumn(columnOf(value))
  if (type === 'LowCardinality(String)') return new DictionaryColumn()
  if (type === 'String') return new StringColumn()
  const width = WIDTHS[type]
  if (width === undefined) throw new Error(`no Native column for ${type}`)
  return new FixedColumn(width)
}
