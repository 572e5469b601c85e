/**
 * Columns of fixed width in ClickHouse's Native format, little-endian: integers, decimals (as exact integers of their last
 * digit), days and instants. A class for each width, all alike: one for all of them is three times as slow, because the
 * runtime then asks with each value how wide it is.
 */
import type { ByteSink } from './byte-sink.ts'
import type { NativeColumn } from './native-column.ts'

const INITIAL_ROWS = 64
const TWO_32 = 0x1_0000_0000

export abstract class FixedColumn implements NativeColumn {
  /** Of 8 bytes: the low and the high half of each. Negative numbers wrap around, which is two's complement. */
  protected abstract values: Numbers
  protected abstract readonly valuesPerRow: number
  readonly isBlank = false
  rows = 0

  abstract push(value: number): void

  padTo(rows: number): void {
    if (rows <= this.rows) return
    this.#makeRoom(rows)
    this.values.fill(0, this.rows * this.valuesPerRow, rows * this.valuesPerRow)
    this.rows = rows
  }

  /** All rows have this value. */
  fill(value: number, rows: number): void {
    this.rows = 0
    if (rows === 0) return
    this.#makeRoom(rows)
    this.push(value)
    const one = this.values.slice(0, this.valuesPerRow)
    for (let i = 0; i < one.length; i++) this.#fillEach(i, one[i]!, rows)
    this.rows = rows
  }

  writePrefix(): void {}

  write(out: ByteSink): void {
    const { buffer, BYTES_PER_ELEMENT } = this.values
    const bytes = this.rows * this.valuesPerRow * BYTES_PER_ELEMENT
    out.raw(new Uint8Array(buffer, 0, bytes), 0, bytes)
  }

  reset(): void {
    this.rows = 0
  }

  #makeRoom(rows: number): void {
    const room = this.values.length / this.valuesPerRow
    if (rows > room) this.values = grown(this.values, Math.max(rows, room * 2) * this.valuesPerRow)
  }

  #fillEach(from: number, value: number, rows: number): void {
    if (this.valuesPerRow === 1) this.values.fill(value, 0, rows)
    else for (let at = from; at < rows * this.valuesPerRow; at += this.valuesPerRow) this.values[at] = value
  }
}

export class ByteColumn extends FixedColumn {
  protected values: Uint8Array<ArrayBuffer> = new Uint8Array(INITIAL_ROWS)
  protected readonly valuesPerRow = 1

  push(value: number): void {
    const at = this.rows
    if (at === this.values.length) this.values = grown(this.values, at * 2)
    this.values[at] = value
    this.rows = at + 1
  }
}

export class ShortColumn extends FixedColumn {
  protected values: Uint16Array<ArrayBuffer> = new Uint16Array(INITIAL_ROWS)
  protected readonly valuesPerRow = 1

  push(value: number): void {
    const at = this.rows
    if (at === this.values.length) this.values = grown(this.values, at * 2)
    this.values[at] = value
    this.rows = at + 1
  }
}

export class WordColumn extends FixedColumn {
  protected values: Uint32Array<ArrayBuffer> = new Uint32Array(INITIAL_ROWS)
  protected readonly valuesPerRow = 1

  push(value: number): void {
    const at = this.rows
    if (at === this.values.length) this.values = grown(this.values, at * 2)
    this.values[at] = value
    this.rows = at + 1
  }
}

/** A value that is no safe integer throws: it would be rounded money. */
export class LongColumn extends FixedColumn {
  protected values: Int32Array<ArrayBuffer> = new Int32Array(2 * INITIAL_ROWS)
  protected readonly valuesPerRow = 2

  push(value: number): void {
    const at = this.rows * 2
    if (at === this.values.length) this.values = grown(this.values, at * 2)
    const low = value | 0
    this.values[at] = low
    this.values[at + 1] = low === value ? low >> 31 : highOf(value)
    this.rows += 1
  }
}

function highOf(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no exact amount in 1/10,000 units`)
  return (value - (value >>> 0)) / TWO_32
}

type Numbers =
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>

export function grown<T extends Numbers>(array: T, size: number): T {
  const larger = new (array.constructor as new (length: number) => T)(size)
  larger.set(array)
  return larger
}
