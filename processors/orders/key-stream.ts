/**
 * Keys of orders as RowBinary has them: tenant, source and order id, each with its length before it. That is how a key's own
 * bytes are (order-key.ts), so that nothing is decoded.
 */
import type { Hash64 } from '../../core/contracts/compact/hash-bytes.ts'
import { fingerprint } from './order-key.ts'

const TEXTS = 3
const MORE = 0x80
/** Not all of it is there. */
const CUT = -1

/** Chunks end anywhere; what is left of one is put before the next. */
export class KeySplitter {
  readonly #onKey: (bytes: Uint8Array, start: number, end: number) => void
  #rest: Uint8Array = new Uint8Array(0)
  #count = 0

  constructor(onKey: (bytes: Uint8Array, start: number, end: number) => void) {
    this.#onKey = onKey
  }

  get count(): number {
    return this.#count
  }

  /** False in the middle of a key. */
  get isAtEnd(): boolean {
    return this.#rest.length === 0
  }

  take(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let start = 0
    for (let end = endOfKey(bytes, start); end !== CUT; end = endOfKey(bytes, start)) {
      this.#onKey(bytes, start, end)
      this.#count += 1
      start = end
    }
    this.#rest = bytes.slice(start)
  }
}

function endOfKey(bytes: Uint8Array, start: number): number {
  let at = start
  for (let text = 0; text < TEXTS; text++) {
    let length = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length) return CUT
      const byte = bytes[at++]!
      length += (byte & (MORE - 1)) * 2 ** shift
      if (byte < MORE) break
    }
    at += length
  }
  return at > bytes.length ? CUT : at
}

/** High and low of each fingerprint, so many to a page. */
export class FingerprintPages {
  readonly #size: number
  readonly #hash: Hash64 = { high: 0, low: 0 }
  #page: Uint32Array<ArrayBuffer>
  #used = 0
  #full: Uint32Array<ArrayBuffer>[] = []

  constructor(size: number) {
    this.#size = size
    this.#page = new Uint32Array(2 * size)
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    fingerprint(bytes, start, end, this.#hash)
    this.#page[this.#used++] = this.#hash.high
    this.#page[this.#used++] = this.#hash.low
    if (this.#used < this.#page.length) return
    this.#full.push(this.#page)
    this.#page = new Uint32Array(2 * this.#size)
    this.#used = 0
  }

  /** Those that are full since the last look; they are the caller's. */
  full(): Uint32Array<ArrayBuffer>[] {
    const { length } = this.#full
    return length === 0 ? [] : this.#full.splice(0)
  }

  rest(): Uint32Array<ArrayBuffer> {
    return this.#page.slice(0, this.#used)
  }
}
