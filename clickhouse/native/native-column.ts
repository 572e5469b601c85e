/**
 * Columns of ClickHouse's Native format, each filled value by value and written as one block. The layout is that of
 * ClickHouse's documentation of the format ("Native") and of its serializations; fixed numbers are little-endian.
 *
 * A column that gets nothing for some rows is padded with its default when the next value comes, so that rows which are
 * mostly defaults cost nothing.
 */
import { ByteSink } from './byte-sink.ts'

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

/** A column of texts, which takes bytes that are UTF-8 already as well. */
export interface TextColumn extends NativeColumn {
  push(value: string): void
  pushBytes(from: Uint8Array, start: number, end: number): void
}

export type FixedWidth = 1 | 2 | 4 | 8

const TWO_32 = 0x1_0000_0000
const INITIAL_ROWS = 64

/** Integers, decimals (as exact integers of their last digit), days and instants. */
export class FixedColumn implements NativeColumn {
  readonly #width: FixedWidth
  /** Of 1, 2 and 4 bytes; negative numbers wrap around, which is two's complement. */
  #small: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
  /** Of 8 bytes: the low and the high half of each. */
  #halves: Int32Array<ArrayBuffer>
  #room = INITIAL_ROWS
  readonly isBlank = false
  rows = 0

  constructor(width: FixedWidth) {
    this.#width = width
    const kind = width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array
    this.#small = new kind(width === 8 ? 0 : INITIAL_ROWS)
    this.#halves = new Int32Array(width === 8 ? 2 * INITIAL_ROWS : 0)
  }

  push(value: number): void {
    const at = this.rows
    if (at === this.#room) this.#grow(at + 1)
    this.rows = at + 1
    if (this.#width !== 8) {
      this.#small[at] = value
      return
    }
    const low = value | 0
    this.#halves[2 * at] = low
    if (low === value) this.#halves[2 * at + 1] = low >> 31
    else this.#pushLarge(at, value)
  }

  padTo(rows: number): void {
    const from = this.rows
    if (rows <= from) return
    if (rows > this.#room) this.#grow(rows)
    if (this.#width === 8) this.#halves.fill(0, 2 * from, 2 * rows)
    else this.#small.fill(0, from, rows)
    this.rows = rows
  }

  writePrefix(): void {}

  write(out: ByteSink): void {
    const { buffer } = this.#width === 8 ? this.#halves : this.#small
    const bytes = this.rows * this.#width
    out.raw(new Uint8Array(buffer, 0, bytes), 0, bytes)
  }

  reset(): void {
    this.rows = 0
  }

  #pushLarge(at: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is no exact amount in 1/10,000 units`)
    this.#halves[2 * at + 1] = (value - (value >>> 0)) / TWO_32
  }

  #grow(rows: number): void {
    this.#room = Math.max(rows, this.#room * 2)
    if (this.#width === 8) this.#halves = grown(this.#halves, 2 * this.#room)
    else this.#small = grown(this.#small, this.#room)
  }
}

/** String: its length and its bytes, one after the other. */
export class StringColumn implements TextColumn {
  readonly sink = new ByteSink()
  readonly isBlank = false
  rows = 0

  push(value: string): void {
    this.sink.text(value)
    this.rows++
  }

  pushBytes(from: Uint8Array, start: number, end: number): void {
    this.sink.slice(from, start, end)
    this.rows++
  }

  padTo(rows: number): void {
    for (; this.rows < rows; this.rows++) this.sink.u8(0)
  }

  writePrefix(): void {}

  write(out: ByteSink): void {
    out.raw(this.sink.bytes, 0, this.sink.length)
  }

  reset(): void {
    this.sink.reset()
    this.rows = 0
  }
}

/** Shared dictionaries that may be followed by additional keys: the only version that is read. */
const DICTIONARY_VERSION = 1
/** The keys stand in the block itself, and indexes point at them; to be joined with the width of the indexes. */
const HAS_KEYS = 1 << 9
/** The smallest that holds all indexes. */
const INDEXES = [
  { code: 0, width: 1, entries: 1 << 8, array: Uint8Array },
  { code: 1, width: 2, entries: 1 << 16, array: Uint16Array },
  { code: 2, width: 4, entries: Number.POSITIVE_INFINITY, array: Uint32Array },
] as const

/** LowCardinality(String): each value once, and where each row finds it. Entry 0 is the default, the empty text. */
export class DictionaryColumn implements TextColumn {
  readonly #texts = new Map<string, number>()
  readonly #keys = new ByteSink()
  /** Where the bytes of each entry stand in the keys. */
  #starts = new Int32Array(64)
  #ends = new Int32Array(64)
  #entries = 0
  /** Open addressing over the entries' bytes: entry + 1, or 0. */
  #slots = new Int32Array(256)
  #indexes = new Uint32Array(INITIAL_ROWS)
  #last = 0
  /** The text that was pushed last, which often is the next one too. */
  #lastText = ''
  #lastTextId = 0
  readonly isBlank = false
  rows = 0

  constructor() {
    this.reset()
  }

  push(value: string): void {
    if (value !== this.#lastText) {
      this.#lastTextId = this.#idOfText(value)
      this.#lastText = value
    }
    this.pushId(this.#lastTextId)
  }

  pushBytes(from: Uint8Array, start: number, end: number): void {
    if (!this.#isEntry(this.#last, from, start, end)) this.#last = this.idOf(from, start, end)
    this.pushId(this.#last)
  }

  /** The entry of a text's bytes, made where it is new. Good until `reset`. */
  idOf(from: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1
    let slot = hashOf(from, start, end) & mask
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#isEntry(this.#slots[slot]! - 1, from, start, end)) return this.#slots[slot]! - 1
    const id = this.#entries
    this.#slots[slot] = id + 1
    this.#addEntry(from, start, end)
    return id
  }

  pushId(id: number): void {
    if (this.rows === this.#indexes.length) this.#indexes = grown(this.#indexes, this.rows * 2)
    this.#indexes[this.rows++] = id
  }

  padTo(rows: number): void {
    if (rows <= this.rows) return
    if (rows > this.#indexes.length) this.#indexes = grown(this.#indexes, rows * 2)
    this.#indexes.fill(0, this.rows, rows)
    this.rows = rows
  }

  writePrefix(out: ByteSink): void {
    out.i64(DICTIONARY_VERSION)
  }

  write(out: ByteSink): void {
    if (this.rows === 0) return
    const { code, width, array } = INDEXES.find(({ entries }) => this.#entries <= entries)!
    out.i64(HAS_KEYS | code)
    out.i64(this.#entries)
    out.raw(this.#keys.bytes, 0, this.#keys.length)
    out.i64(this.rows)
    const indexes = array.from(this.#indexes.subarray(0, this.rows))
    out.raw(new Uint8Array(indexes.buffer), 0, this.rows * width)
  }

  reset(): void {
    this.rows = 0
    this.#texts.clear()
    this.#keys.reset()
    this.#slots.fill(0)
    this.#entries = 0
    this.#last = 0
    this.#lastText = ''
    this.#lastTextId = this.idOf(NO_BYTES, 0, 0)
  }

  #idOfText(value: string): number {
    let id = this.#texts.get(value)
    if (id === undefined) {
      const bytes = Buffer.from(value, 'utf8')
      id = this.idOf(bytes, 0, bytes.length)
      this.#texts.set(value, id)
    }
    return id
  }

  #isEntry(id: number, from: Uint8Array, start: number, end: number): boolean {
    const { bytes } = this.#keys
    const at = this.#starts[id]!
    if (this.#ends[id]! - at !== end - start) return false
    for (let i = start; i < end; i++) if (bytes[at + i - start] !== from[i]) return false
    return true
  }

  #addEntry(from: Uint8Array, start: number, end: number): void {
    if (this.#entries === this.#starts.length) {
      this.#starts = grown(this.#starts, this.#entries * 2)
      this.#ends = grown(this.#ends, this.#entries * 2)
    }
    this.#keys.slice(from, start, end)
    this.#ends[this.#entries] = this.#keys.length
    this.#starts[this.#entries] = this.#keys.length - (end - start)
    this.#entries += 1
    if (this.#entries * 2 > this.#slots.length) this.#rehash()
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let id = 0; id < this.#entries; id++) {
      let slot = hashOf(this.#keys.bytes, this.#starts[id]!, this.#ends[id]!) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = id + 1
    }
  }
}

const NO_BYTES = new Uint8Array(0)

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

type Numbers =
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>

function grown<T extends Numbers>(array: T, size: number): T {
  const larger = new (array.constructor as new (length: number) => T)(size)
  larger.set(array)
  return larger
}

/** Nullable(…): which are null, then all values, a default in place of each null. */
export class NullableColumn implements NativeColumn {
  readonly #nulls = new FixedColumn(1)
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
  readonly #ends: FixedColumn
  readonly #first: ArrayColumn
  readonly inner: NativeColumn

  /** `first` is the first column of the list that it belongs to, where that is another one. */
  constructor(inner: NativeColumn, first?: ArrayColumn) {
    this.inner = inner
    this.#first = first ?? this
    this.#ends = first === undefined ? new FixedColumn(8) : first.#ends
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
