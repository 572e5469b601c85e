/**
 * A batch in ClickHouse's Native format back to rows: the other half of clickhouse/native, for a warehouse that is none.
 * Columns that the body leaves out have their defaults, as in the table.
 */
import { emptyChangeRow } from '../../../clickhouse/native/decode-row.ts'
import { type ChangeRow, ORDER_CHANGES_COLUMNS } from '../../../clickhouse/native/order-row.ts'

const TWO_32 = 0x1_0000_0000

/** What stands before each column's data, in the order of the table. */
const COLUMNS = ORDER_CHANGES_COLUMNS.map(({ name, field, type }) => ({
  field,
  type,
  head: Buffer.concat([name, type].map((text) => Buffer.from(`${String.fromCharCode(text.length)}${text}`))),
}))

export function decodeChanges(body: Uint8Array): ChangeRow[] {
  const from = new Cursor(body)
  const [columns, length] = [from.varint(), from.varint()]
  const rows = times(length, emptyChangeRow) as unknown as Record<string, unknown>[]
  let found = 0
  for (const { field, type, head } of COLUMNS) {
    if (!from.skip(head)) continue
    found += 1
    if (length > 0) fill(rows, field, formatOf(type), from)
  }
  if (!from.isAtEnd || found !== columns) throw new Error('the block has columns that order_changes has not')
  return rows as unknown as ChangeRow[]
}

function fill(rows: Record<string, unknown>[], field: string, format: Format, from: Cursor): void {
  format.prefix(from)
  const values = format.values(from, rows.length)
  for (let row = 0; row < rows.length; row++) rows[row]![field] = values[row]
}

class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** True, and behind it, where these bytes stand here. */
  skip(head: Buffer): boolean {
    const end = this.#at + head.length
    if (this.#bytes.compare(head, 0, head.length, this.#at, Math.min(end, this.#bytes.length)) !== 0)
      return false
    this.#at = end
    return true
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  text(): string {
    const size = this.varint()
    this.#at += size
    return size === 0 ? '' : this.#bytes.toString('utf8', this.#at - size, this.#at)
  }

  unsigned(width: 1 | 2 | 4): number {
    const at = this.#at
    this.#at += width
    if (width === 1) return this.#bytes[at]!
    return width === 2 ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt32LE(at)
  }

  i8(): number {
    this.#at += 1
    return this.#bytes.readInt8(this.#at - 1)
  }

  i64(): number {
    this.#at += 8
    return this.#bytes.readInt32LE(this.#at - 4) * TWO_32 + this.#bytes.readUInt32LE(this.#at - 8)
  }
}

/** Reads a column's values, with what stands before them. */
interface Format {
  prefix(from: Cursor): void
  values(from: Cursor, rows: number): unknown[]
}

const formats = new Map<string, Format>()

function formatOf(type: string): Format {
  const known = formats.get(type)
  if (known !== undefined) return known
  const format = makeFormat(type)
  formats.set(type, format)
  return format
}

function makeFormat(type: string): Format {
  const inner = (name: string) => (type.startsWith(`${name}(`) ? type.slice(name.length + 1, -1) : undefined)
  if (type === 'LowCardinality(String)') return { prefix: (from) => from.i64(), values: dictionary }
  const item = inner('Array')
  if (item !== undefined) return arrays(formatOf(item))
  const value = inner('Nullable')
  if (value !== undefined) return nullables(formatOf(value))
  const read = SCALARS[type]
  if (read === undefined) throw new Error(`no reader for ${type}`)
  return { prefix: () => {}, values: (from, rows) => times(rows, () => read(from)) }
}

const SCALARS: Record<string, (from: Cursor) => unknown> = {
  String: (from) => from.text(),
  Int8: (from) => from.i8(),
  UInt8: (from) => from.unsigned(1),
  UInt16: (from) => from.unsigned(2),
  Date: (from) => from.unsigned(2),
  UInt32: (from) => from.unsigned(4),
  Int64: (from) => from.i64(),
  UInt64: (from) => from.i64(),
  'Decimal(18, 4)': (from) => from.i64(),
  "DateTime64(3, 'UTC')": (from) => from.i64(),
}

/** The widths of indexes by their code. */
const INDEX_WIDTHS = [1, 2, 4] as const

function dictionary(from: Cursor): unknown[] {
  const width = INDEX_WIDTHS[from.i64() & 0xff]!
  const keys = times(from.i64(), () => from.text())
  return times(from.i64(), () => keys[from.unsigned(width)])
}

function nullables({ prefix, values }: Format): Format {
  return {
    prefix,
    values: (from, rows) => {
      const isNull = times(rows, () => from.unsigned(1) === 1)
      const all = values(from, rows)
      for (let row = 0; row < rows; row++) if (isNull[row]) all[row] = null
      return all
    },
  }
}

function arrays({ prefix, values }: Format): Format {
  return {
    prefix,
    values: (from, rows) => {
      const ends = times(rows, () => from.i64()) as number[]
      const all = ends[rows - 1]! > 0 ? values(from, ends[rows - 1]!) : []
      return ends.map((end, row) => all.slice(ends[row - 1] ?? 0, end))
    },
  }
}

/** Array.from with a function is ten times as slow. */
function times(count: number, read: () => unknown): unknown[] {
  const all: unknown[] = []
  for (let i = 0; i < count; i++) all.push(read())
  return all
}
