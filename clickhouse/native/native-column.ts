/**
 * Columns of ClickHouse's Native format, each filled value by value and written as one block. The layout is that of
 * ClickHouse's documentation of the format ("Native") and of its serializations. Here what holds other columns;
 * `fixed-column` and `text-column` hold values.
 *
 * A column that gets nothing for some rows is padded with its default when the next value comes, so that rows which are
 * mostly defaults cost nothing.
 */
import type { ByteSink } from './byte-sink.ts'
import { ByteColumn, LongColumn } from './fixed-column.ts'

export interface NativeColumn {
  /** Rows that it has so far. */
  readonly rows: number
  /** Certain to have nothing but defaults, so that it may be left out. */
  readonly isBlank: boolean
  push(value: unknown): void
  /** Defaults up to this number of rows. */
  padTo(rows: number): void
  /** What stands before the data, once a block; inner columns' too. */
  writePrefix(out: ByteSink): void
  write(out: ByteSink): void
  reset(): void
}

/** Nullable(…): which are null, then all values, a default in place of each null. */
export class NullableColumn implements NativeColumn {
  readonly #nulls = new ByteColumn()
  isBlank = true
  readonly inner: NativeColumn

  constructor(inner: NativeColumn) {
    this.inner = inner
  }

  get rows(): number {
    return this.#nulls.rows
  }

  push(value: unknown): void {
    const isNull = value === null
    this.#nulls.push(isNull ? 1 : 0)
    if (isNull) {
      this.inner.padTo(this.#nulls.rows)
      return
    }
    this.isBlank = false
    this.inner.push(value)
  }

  padTo(rows: number): void {
    for (let row = this.#nulls.rows; row < rows; row++) this.#nulls.push(1)
    this.inner.padTo(rows)
  }

  writePrefix(out: ByteSink): void {
    this.inner.writePrefix(out)
  }

  write(out: ByteSink): void {
    this.#nulls.write(out)
    this.inner.write(out)
  }

  reset(): void {
    this.isBlank = true
    this.#nulls.reset()
    this.inner.reset()
  }
}

/**
 * Array(…): where each row's items end, then all items. Arrays that are as long as each other in every row are one list:
 * the first of them says where the rows end, for all.
 */
export class ArrayColumn implements NativeColumn {
  readonly #ends: LongColumn
  readonly #first: ArrayColumn
  readonly inner: NativeColumn

  /** `first` is the first column of the list that it belongs to, where that is another one. */
  constructor(inner: NativeColumn, first?: ArrayColumn) {
    this.inner = inner
    this.#first = first ?? this
    this.#ends = first === undefined ? new LongColumn() : first.#ends
  }

  get rows(): number {
    return this.#ends.rows
  }

  get isBlank(): boolean {
    return this.inner.rows === 0
  }

  /** To the first column of a list before the others. */
  push(value: readonly unknown[]): void {
    for (let i = 0; i < value.length; i++) this.inner.push(value[i])
    if (this.#first === this) this.#ends.push(this.inner.rows)
    else this.#check()
  }

  /** Ends the row, of the list's first column: its items were pushed to `inner`. */
  close(): void {
    this.#ends.push(this.inner.rows)
  }

  /** To be called before items of a row are pushed to `inner`: an empty row ends where the one before it does. */
  padTo(rows: number): void {
    if (this.#first !== this) return
    for (let row = this.#ends.rows; row < rows; row++) this.#ends.push(this.inner.rows)
  }

  writePrefix(out: ByteSink): void {
    this.inner.writePrefix(out)
  }

  /** Before any column of the list is empty again. */
  write(out: ByteSink): void {
    this.#check()
    this.#ends.write(out)
    if (this.inner.rows > 0) this.inner.write(out)
  }

  reset(): void {
    this.#ends.reset()
    this.inner.reset()
  }

  /** Amounts of one line must not stand beside the name of another. */
  #check(): void {
    const [items, wanted] = [this.inner.rows, this.#first.inner.rows]
    if (items !== wanted) throw new Error(`a list of ${wanted} items has ${items} in one of its columns`)
  }
}
