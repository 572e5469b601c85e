/**
 * One block in ClickHouse's Native format: number of columns and rows, then name, type and data of each column. Its
 * columns are filled row by row, or each as a whole; those that are short are padded with defaults.
 */
import { ByteSink } from './byte-sink.ts'
import { ByteColumn, type FixedColumn, LongColumn, ShortColumn, WordColumn } from './fixed-column.ts'
import { ArrayColumn, type NativeColumn, NullableColumn } from './native-column.ts'
import { DictionaryColumn, StringColumn } from './text-column.ts'

/** A column by its name and ClickHouse's name of its type. */
export interface NativeType {
  name: string
  type: string
  /** Of an array: the list that it is part of. All arrays of a list are as long as each other in every row. */
  list?: string
}

export interface NativeBlock {
  /** In the order of the types given. */
  readonly columns: readonly NativeColumn[]
  /** The block's bytes, without columns that have nothing but defaults; all columns are empty again. */
  finish(rows: number): Uint8Array<ArrayBuffer>
  /** All columns are empty again. */
  reset(): void
}

const SPARE = 1.05

export function nativeBlock(types: readonly NativeType[]): NativeBlock {
  const columns = columnsOf(types)
  let room = 0
  const reset = () => {
    for (const column of columns) column.reset()
  }
  return {
    columns,
    reset,
    finish(rows) {
      // Bytes of its own, which the caller may hand over: the next block will be about as large.
      const out = new ByteSink(room + 1_024)
      // ClickHouse fills in what is left out.
      out.varint(columns.filter(({ isBlank }) => !isBlank).length)
      out.varint(rows)
      for (const column of columns) if (!column.isBlank) column.padTo(rows)
      for (const [index, column] of columns.entries())
        if (!column.isBlank) writeColumn(column, types[index]!, rows, out)
      reset()
      room = Math.ceil(out.length * SPARE)
      return new Uint8Array(out.bytes.buffer, 0, out.length)
    },
  }
}

function writeColumn(column: NativeColumn, { name, type }: NativeType, rows: number, out: ByteSink): void {
  out.text(name)
  out.text(type)
  if (rows === 0) return
  column.writePrefix(out)
  column.write(out)
}

const FIXED: Record<string, new () => FixedColumn> = {
  Int8: ByteColumn,
  UInt8: ByteColumn,
  UInt16: ShortColumn,
  Date: ShortColumn,
  UInt32: WordColumn,
  Int64: LongColumn,
  UInt64: LongColumn,
  'Decimal(18, 4)': LongColumn,
  "DateTime64(3, 'UTC')": LongColumn,
}

function columnsOf(types: readonly NativeType[]): NativeColumn[] {
  const lists = new Map<string, ArrayColumn>()
  return types.map(({ type, list }) => {
    if (list === undefined) return columnOf(type)
    const first = lists.get(list)
    const column = new ArrayColumn(columnOf(type.slice('Array('.length, -1)), first)
    if (first === undefined) lists.set(list, column)
    return column
  })
}

function columnOf(type: string): NativeColumn {
  const inner = (name: string) => (type.startsWith(`${name}(`) ? type.slice(name.length + 1, -1) : undefined)
  const item = inner('Array')
  if (item !== undefined) return new ArrayColumn(columnOf(item))
  const value = inner('Nullable')
  if (value !== undefined) return new NullableColumn(columnOf(value))
  if (type === 'LowCardinality(String)') return new DictionaryColumn()
  if (type === 'String') return new StringColumn()
  const fixed = FIXED[type]
  if (fixed === undefined) throw new Error(`no Native column for ${type}`)
  return new fixed()
}
