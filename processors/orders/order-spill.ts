/**
 * What the ring of states lets go, in a file of the process: an order that is told again after hours is read back in
 * microseconds, where the base table takes milliseconds of CPU for each (a hundred columns, a granule of each).
 *
 * It is memory and nothing else: made empty with the state, without a name on the disk, gone with the process. What it
 * does not have the base table is asked for, so that it may forget: a generation that is full follows the one before,
 * which is dropped. That happens between batches only, for a batch counts on what it was told to be at hand.
 */
import { closeSync, openSync, readSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { threadId } from 'node:worker_threads'
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { KnownOrder } from './known-order.ts'

/** Of one generation, of which there are two. A compact order takes 300 bytes. */
const GENERATION_BYTES = 4 * 2 ** 30
/** No generation is larger than this part of what is free on the disk when it begins. */
const OF_FREE = 1 / 20
const BUFFER_BYTES = 2 ** 20
/** Entries whose places stand in one array. */
const CHUNK = 1 << 16
/** Places are kept as multiples of this: 32 bits then reach 32 GiB. */
const ALIGNMENT = 8
/** Bytes before an entry: its length. 0 is nobody's place. */
const HEAD = 8
/** Read at once: most entries are shorter. */
const GUESS_BYTES = 1_024

const ROW = 0

export type Spilled = OrderRow | KnownOrder

export interface SpillLimits {
  generationBytes: number
  bufferBytes: number
}

const LIMITS: SpillLimits = { generationBytes: GENERATION_BYTES, bufferBytes: BUFFER_BYTES }

let opened = 0

export class OrderSpill {
  readonly #folder: string
  readonly #limits: SpillLimits
  #young: Generation | undefined
  #old: Generation | undefined
  #failed = false

  /** `folder` exists. A disk that takes nothing is no error: then nothing is at hand. */
  constructor(folder: string, limits = LIMITS) {
    this.#folder = folder
    this.#limits = limits
  }

  /** False from the batch on behind the one in which the disk failed: what is put is not kept any more. */
  get keeps(): boolean {
    return !this.#failed
  }

  put(number: number, state: Spilled): void {
    if (this.#failed) return
    this.#young ??= new Generation(this.#folder, this.#limits)
    this.#young.put(number, encode(state))
  }

  get(number: number): Spilled | undefined {
    const bytes = this.#young?.get(number) ?? this.#old?.get(number)
    return bytes === undefined ? undefined : decode(bytes)
  }

  /** Between two batches: a generation that is full becomes the old one; one whose disk fails ends. */
  settle(): void {
    if (this.#young === undefined) return
    if (this.#young.hasFailed) {
      this.#failed = true
      this.close()
    } else if (this.#young.isFull) {
      this.#old?.close()
      this.#old = this.#young
      this.#young = undefined
    }
  }

  close(): void {
    this.#young?.close()
    this.#old?.close()
    this.#young = undefined
    this.#old = undefined
  }
}

class Generation {
  readonly #file: number | undefined
  readonly #limit: number
  /** Where entries begin, by the upper part of their number. */
  readonly #places = new Map<number, Uint32Array>()
  #buffer: Buffer
  /** Bytes of the buffer that are taken; it begins at `#written`. */
  #filled = HEAD
  #written = 0
  hasFailed = false

  constructor(folder: string, { generationBytes, bufferBytes }: SpillLimits) {
    this.#buffer = Buffer.allocUnsafe(bufferBytes)
    this.#limit = Math.min(generationBytes, freeBytes(folder) * OF_FREE)
    this.#file = this.#limit < bufferBytes ? undefined : openUnnamed(folder)
    this.hasFailed = this.#file === undefined
  }

  get isFull(): boolean {
    return this.#written + this.#filled >= this.#limit
  }

  put(number: number, entry: Buffer): void {
    const size = aligned(HEAD + entry.length)
    if (this.#filled + size > this.#buffer.length) this.#flush(size)
    const at = this.#filled
    this.#buffer.writeUInt32LE(entry.length, at)
    entry.copy(this.#buffer, at + HEAD)
    this.#filled += size
    const chunk = Math.floor(number / CHUNK)
    let places = this.#places.get(chunk)
    if (places === undefined) {
      places = new Uint32Array(CHUNK)
      this.#places.set(chunk, places)
    }
    places[number % CHUNK] = (this.#written + at) / ALIGNMENT
  }

  get(number: number): Buffer | undefined {
    const place = this.#places.get(Math.floor(number / CHUNK))?.[number % CHUNK]
    if (place === undefined || place === 0) return undefined
    const at = place * ALIGNMENT
    if (at >= this.#written) {
      const start = at - this.#written
      const length = this.#buffer.readUInt32LE(start)
      // A copy: the buffer is written over.
      return Buffer.from(this.#buffer.subarray(start + HEAD, start + HEAD + length))
    }
    const guess = this.#read(at, GUESS_BYTES)
    const length = guess.readUInt32LE(0)
    return HEAD + length <= guess.length ? guess.subarray(HEAD, HEAD + length) : this.#read(at + HEAD, length)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.min(length, this.#written - at))
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#file!, bytes, done, bytes.length - done, at + done)
      if (read === 0) throw new Error('the file of spilled orders is shorter than what was written to it')
      done += read
    }
    return bytes
  }

  /** Makes room for an entry. What the disk does not take stays in memory: the batch that is computed counts on it. */
  #flush(size: number): void {
    if (!this.hasFailed) {
      try {
        writeWhole(this.#file!, this.#buffer.subarray(0, this.#filled), this.#written)
        this.#written += this.#filled
        this.#filled = 0
      } catch {
        // Between two batches the generation is given up, and the base table is asked again.
        this.hasFailed = true
      }
    }
    if (this.#filled + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length + size)
    this.#buffer.copy(larger, 0, 0, this.#filled)
    this.#buffer = larger
  }
}

function writeWhole(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done)
}

/** Its name is gone at once: whatever becomes of the process, nothing stays on the disk. */
function openUnnamed(folder: string): number | undefined {
  opened += 1
  const path = join(folder, `orders-${process.pid}-${threadId}-${opened}`)
  try {
    const file = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
    return file
  } catch {
    // The same as a full disk.
    return undefined
  }
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}

const aligned = (length: number) => Math.ceil(length / ALIGNMENT) * ALIGNMENT

/** The number of snapshots and each of them, version, length and bytes, the newest first; or 0 and a row. */
function encode(state: Spilled): Buffer {
  if (!('bytes' in state)) return Buffer.concat([Buffer.of(ROW), serialize(state)])
  let size = 1
  for (let at: KnownOrder | undefined = state; at !== undefined; at = at.before)
    size += 12 + at.end - at.start
  const entry = Buffer.allocUnsafe(size)
  let end = entry.writeUInt8(state.depth, 0)
  for (let at: KnownOrder | undefined = state; at !== undefined; at = at.before) {
    end = entry.writeDoubleLE(at.version, end)
    end = entry.writeUInt32LE(at.end - at.start, end)
    entry.set(at.bytes.subarray(at.start, at.end), end)
    end += at.end - at.start
  }
  return entry
}

function decode(entry: Buffer): Spilled {
  const depth = entry.readUInt8(0)
  return depth === ROW ? (deserialize(entry.subarray(1)) as OrderRow) : decodeKnown(entry, 1, depth)
}

function decodeKnown(entry: Buffer, at: number, depth: number): KnownOrder {
  const version = entry.readDoubleLE(at)
  const start = at + 12
  const end = start + entry.readUInt32LE(at + 8)
  const before = depth > 1 ? decodeKnown(entry, end, depth - 1) : undefined
  return { bytes: entry, start, end, version, depth, before }
}
