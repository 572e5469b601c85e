/** Columns of texts in ClickHouse's Native format. They take bytes that are UTF-8 already as well. */
import { ByteSink } from './byte-sink.ts'
import { grown } from './fixed-column.ts'
import type { NativeColumn } from './native-column.ts'

export interface TextColumn extends NativeColumn {
  push(value: string): void
  pushBytes(from: Uint8Array, start: number, end: number): void
}

const INITIAL_ROWS = 64

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

  /** All rows have this text. */
  fill(value: string, rows: number): void {
    this.rows = 0
    this.padTo(rows)
    this.#indexes.fill(this.#idOfText(value), 0, rows)
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
