import { PACKED_TYPES, type PackedLimits, type PackedRead } from '../packed-records.ts'
import { chunkAppendedAt, chunkCount, placeAt, type RecordPlace } from './chunk.ts'
import { type ReadPosition, readChunks } from './read-records.ts'
import type { Store } from './store.ts'

/** As `readRecords`, without an object for each record. */
export function readPacked(store: Store, position: ReadPosition, limits: PackedLimits): PackedRead {
  const packing = new Packing(limits)
  readChunks(store, position, (chunk, at) => packing.take(chunk, at))
  return packing.finish()
}

const FIRST_ROOM = 1_024

/** Where the values stand first; they are copied when it is known how many bytes they have. */
class Packing {
  readonly #limits: PackedLimits
  readonly #stopKey: Buffer | undefined
  readonly #place: RecordPlace = { keyAt: 0, valueAt: 0, end: 0, contentType: PACKED_TYPES[0]! }
  readonly #chunks: { bytes: Buffer; to: number }[] = []
  #offsets = new Float64Array(FIRST_ROOM)
  #appendedAt = new Float64Array(FIRST_ROOM)
  #types = new Uint8Array(FIRST_ROOM)
  #starts = new Uint32Array(FIRST_ROOM)
  #ends = new Uint32Array(FIRST_ROOM)
  #count = 0
  #size = 0
  #isStopped = false

  constructor(limits: PackedLimits) {
    this.#limits = limits
    this.#stopKey = limits.stopAfterKey === undefined ? undefined : Buffer.from(limits.stopAfterKey)
  }

  /** Takes the records of a chunk from an offset on; the offset to go on at, or undefined when that is enough. */
  take({ base, bytes }: { base: number; bytes: Buffer }, from: number): number | undefined {
    const end = base + chunkCount(bytes)
    const appendedAt = chunkAppendedAt(bytes)
    let at = from
    while (at < end && !this.#isEnough()) {
      placeAt(bytes, at - base, this.#place)
      this.#add(at, appendedAt, bytes)
      at += 1
    }
    this.#chunks.push({ bytes, to: this.#count })
    return this.#isEnough() ? undefined : at
  }

  finish(): PackedRead {
    const count = this.#count
    const ends = new Uint32Array(count)
    // Not filled with zeros first, and a buffer of its own, which may be handed over.
    const bytes = Buffer.allocUnsafeSlow(this.#size)
    let i = 0
    let at = 0
    for (const { bytes: chunk, to } of this.#chunks)
      for (; i < to; i++) {
        chunk.copy(bytes, at, this.#starts[i]!, this.#ends[i]!)
        at += this.#ends[i]! - this.#starts[i]!
        ends[i] = at
      }
    return {
      offsets: this.#offsets.slice(0, count),
      appendedAt: this.#appendedAt.slice(0, count),
      types: this.#types.slice(0, count),
      ends,
      bytes: new Uint8Array(bytes.buffer, 0, this.#size),
      isStopped: this.#isStopped,
    }
  }

  #add(offset: number, appendedAt: number, bytes: Buffer): void {
    const { keyAt, valueAt, end, contentType } = this.#place
    const i = this.#count
    if (i === this.#offsets.length) this.#grow()
    this.#offsets[i] = offset
    this.#appendedAt[i] = appendedAt
    this.#types[i] = PACKED_TYPES.indexOf(contentType)
    this.#starts[i] = valueAt
    this.#ends[i] = end
    this.#size += end - valueAt
    this.#count = i + 1
    const stop = this.#stopKey
    if (stop !== undefined && valueAt - keyAt === stop.length)
      this.#isStopped = stop.compare(bytes, keyAt, valueAt) === 0
  }

  #isEnough(): boolean {
    const { maxRecords, maxBytes } = this.#limits
    return this.#isStopped || this.#count >= maxRecords || this.#size >= maxBytes
  }

  #grow(): void {
    const room = this.#offsets.length * 2
    const [offsets, appendedAt, types] = [
      new Float64Array(room),
      new Float64Array(room),
      new Uint8Array(room),
    ]
    const [starts, ends] = [new Uint32Array(room), new Uint32Array(room)]
    offsets.set(this.#offsets)
    appendedAt.set(this.#appendedAt)
    types.set(this.#types)
    starts.set(this.#starts)
    ends.set(this.#ends)
    this.#offsets = offsets
    this.#appendedAt = appendedAt
    this.#types = types
    this.#starts = starts
    this.#ends = ends
  }
}
