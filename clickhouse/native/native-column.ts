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

/** Integers, decimals (as exact integers of their last digit), days and instants. */
export class FixedColumn implements NativeColumn {
  readonly sink = new ByteSink()
  readonly #width: FixedWidth

  constructor(width: FixedWidth) {
    this.#width = width
  }

  get rows(): number {
    return this.sink.length / this.#width
  }

  push(value: number): void {
    const { sink } = this
    if (this.#width === 8) {
      if (!Number.isSafeInteger(value)) throw new Error(`${value} is no exact amount in 1/10,000 units`)
      sink.i64(value)
    } else if (this.#width === 1) sink.u8(value)
    else if (this.#width === 2) sink.u16(value)
    else sink.u32(value)
  }

  padTo(rows: number): void {
    const from = this.sink.length
    const size = rows * this.#width - from
    if (size <= 0) return
    this.sink.reserve(size)
    this.sink.bytes.fill(0, from, from + size)
  }

  writePrefix(): void {}

  write(out: ByteSink): void {
    out.raw(this.sink.bytes, 0, this.sink.length)
  }

  reset(): void {
    this.sink.reset()
  }
}

/** String: its length and its bytes, one after the other. */
export class StringColumn implements TextColumn {
  readonly sink = new ByteSink()
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
/** The keys stand in the block itself, and indexes point at them; 2 = indexes of 32 bits. */
const HAS_KEYS_U32 = (1 << 9) | 2

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
  #indexes = new Uint32Array(64)
  #last = 0
  rows = 0

  constructor() {
    this.reset()
  }

  push(value: string): void {
    let id = this.#texts.get(value)
    if (id === undefined) {
      const bytes = Buffer.from(value, 'utf8')
      id = this.idOf(bytes, 0, bytes.length)
      this.#texts.set(value, id)
    }
    this.pushId(id)
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
    out.i64(HAS_KEYS_U32)
    out.i64(this.#entries)
    out.raw(this.#keys.bytes, 0, this.#keys.length)
    out.i64(this.rows)
    out.raw(new Uint8Array(this.#indexes.buffer, 0, this.rows * 4), 0, this.rows * 4)
  }

  reset(): void {
    this.rows = 0
    this.#texts.clear()
    this.#keys.reset()
    this.#slots.fill(0)
    this.#entries = 0
    this.#last = 0
    this.idOf(NO_BYTES, 0, 0)
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

function grown<T extends Int32Array | Uint32Array>(array: T, size: number): T {
  const larger = new (array.constructor as new (length: number) => T)(size)
  larger.set(array)
  return larger
}

/** Nullable(…): which are null, then all values, a default in place of each null. */
export class NullableColumn implements NativeColumn {
  readonly #nulls = new ByteSink()
  readonly inner: NativeColumn

  constructor(inner: NativeColumn) {
    this.inner = inner
  }

  get rows(): number {
    return this.#nulls.length
  }

  push(value: unknown): void {
    const isNull = value === null
    this.#nulls.u8(isNull ? 1 : 0)
    if (isNull) this.inner.padTo(this.#nulls.length)
    else this.inner.push(value)
  }

  padTo(rows: number): void {
    const from = this.#nulls.length
    if (rows <= from) return
    this.#nulls.reserve(rows - from)
    this.#nulls.bytes.fill(1, from, rows)
    this.inner.padTo(rows)
  }

  writePrefix(out: ByteSink): void {
    this.inner.writePrefix(out)
  }

  write(out: ByteSink): void {
    out.raw(this.#nulls.bytes, 0, this.#nulls.length)
    this.inner.write(out)
  }

  reset(): void {
    this.#nulls.reset()
    this.inner.reset()
  }
}

/** Array(…): where each row's items end, then all items. */
export class ArrayColumn implements NativeColumn {
  readonly #ends = new FixedColumn(8)
  readonly inner: NativeColumn

  constructor(inner: NativeColumn) {
    this.inner = inner
  }

  get rows(): number {
    return this.#ends.rows
  }

  push(value: readonly unknown[]): void {
    for (let i = 0; i < value.length; i++) this.inner.push(value[i])
    this.#ends.push(this.inner.rows)
  }

  /** Ends the row: its items were pushed to `inner`. */
  close(): void {
    this.#ends.push(this.inner.rows)
  }

  /** To be called before items of a row are pushed to `inner`: an empty row ends where the one before it does. */
  padTo(rows: number): void {
    for (let row = this.#ends.rows; row < rows; row++) this.#ends.push(this.inner.rows)
  }

  writePrefix(out: ByteSink): void {
    this.inner.writePrefix(out)
  }

  write(out: ByteSink): void {
    this.#ends.write(out)
    if (this.inner.rows > 0) this.inner.write(out)
  }

  reset(): void {
    this.#ends.reset()
    this.inner.reset()
  }
}
