/**
 * The state of one partition's orders: which exist is a fingerprint index; what they are stands in a ring of those that
 * were touched last, then in a file of what the ring let go (order-spill.ts), else in the base table. Nothing of it
 * outlives the process: it is made anew from the base table, and thrown away whenever its mark is not the table's.
 *
 * While that goes on, in pages, it knows of an order that it has, or it does not know: then the base table is asked.
 *
 * It runs ahead of the table by the batches that are computed and have not landed. What they did is remembered, so that
 * it can be taken back when one of them does not land.
 */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { Hash64 } from '../../core/contracts/compact/hash-bytes.ts'
import { KEY_AT } from '../../core/contracts/compact/layout.ts'
import { ABSENT, FingerprintIndex } from './fingerprint-index.ts'
import type { KnownOrder } from './known-order.ts'
import { hasKey, isSame, type KeyBytes, keyOf, keyText } from './order-key.ts'
import type { OrderSpill } from './order-spill.ts'

/** Orders whose present state is in memory; the one touched longest ago goes first. A compact order is 200 bytes. */
const RING = 1 << 18
/** Known, but only the base table tells more. */
const IN_BASE = 0
/** A state at hand: a row, or the compact snapshots that make one. */
export type Recent = OrderRow | KnownOrder

/** Numbers of one step to take back: both halves of the fingerprint, and what the index had. */
const UNDO = 3

export class OrderState {
  readonly #index = new FingerprintIndex()
  readonly #size: number
  /** Where the spill keeps nothing, an entry in the ring's older half is taken for gone: a batch might overwrite it. */
  readonly #usable: number
  readonly #spill: OrderSpill | undefined
  /** States at hand by their number: those of one snapshot as where its bytes stand, all others as they are. */
  readonly #ring: (Recent | undefined)[]
  readonly #bytes: (Uint8Array | undefined)[]
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  readonly #versions: Float64Array
  /** Number of the newest entry, from 1. */
  #head = 0
  /** Keys whose fingerprint another key has, by `keyText`: as far as this process has met them. */
  readonly #others = new Map<string, number>()
  /** What each batch that is computed and has not landed did, the oldest first. */
  readonly #ahead: { to: number; undo: number[]; others: Map<string, number | undefined> }[] = []
  /** The offset up to which the table is complete, as far as this state knows. */
  mark: number
  /** All orders that the table had at the first mark are loaded: what is not there is new. */
  #isWhole = false

  /**
   * `ring`: entries, at least four times the records of a batch; a small one tries what a large base does. The spill is
   * the state's from now on.
   */
  constructor(mark: number, ring = RING, spill?: OrderSpill) {
    this.mark = mark
    this.#spill = spill
    this.#size = ring
    this.#usable = ring / 2
    this.#ring = new Array(ring)
    this.#bytes = new Array(ring)
    this.#starts = new Uint32Array(ring)
    this.#ends = new Uint32Array(ring)
    this.#versions = new Float64Array(ring)
  }

  get orders(): number {
    return this.#index.size + this.#others.size
  }

  /** The offset that the next batch builds on: that of the last one computed. */
  get tip(): number {
    return this.#ahead.at(-1)?.to ?? this.mark
  }

  /** Orders that the base table has, by their fingerprints: high and low of each. What is known of one by now is newer. */
  load(fingerprints: Uint32Array): void {
    for (let i = 0; i < fingerprints.length; i += 2) this.#know(fingerprints[i]!, fingerprints[i + 1]!)
  }

  /** The same of one that was asked for. */
  know(hash: Hash64): void {
    this.#know(hash.high, hash.low)
  }

  /** The last page was loaded. */
  complete(): void {
    this.#isWhole = true
  }

  /** A batch begins that reaches to this offset; what is put from here on is its doing. */
  begin(to: number): void {
    this.#ahead.push({ to, undo: [], others: new Map() })
  }

  /** The oldest batch ahead has landed. */
  landed(to: number): void {
    const batch = this.#ahead.shift()
    if (batch?.to !== to) throw new Error(`${to} has landed, but the state expected ${batch?.to}`)
    this.mark = to
    this.#spill?.settle()
  }

  close(): void {
    this.#spill?.close()
  }

  /** Takes back all batches ahead: the state is at its mark again. */
  rollBack(): void {
    for (const { undo, others } of this.#ahead.toReversed()) {
      for (let i = undo.length - UNDO; i >= 0; i -= UNDO)
        this.#index.set(undo[i]!, undo[i + 1]!, undo[i + 2]!)
      for (const [key, before] of others) {
        if (before === undefined) this.#others.delete(key)
        else this.#others.set(key, before)
      }
    }
    this.#ahead.length = 0
  }

  /** False is certain; true means that somebody has this fingerprint, or that it is not known yet. */
  mayHave(hash: Hash64): boolean {
    return !this.#isWhole || this.#index.get(hash.high, hash.low) !== ABSENT
  }

  /** Whether only the base table can tell what the order is, or that it is new. `margin` as in `find`. */
  mustAsk(hash: Hash64, key: KeyBytes, margin: number): boolean {
    const found = this.find(hash, key, margin)
    return found === 'base' || (found === undefined && !this.#isWhole)
  }

  /**
   * What is at hand of the order: its state, 'base' where only the table knows, or undefined where it is new, if the
   * state is whole or the table was asked. What a batch of `margin` records might push out of the ring counts as gone.
   */
  find(hash: Hash64, key: KeyBytes, margin: number): Recent | 'base' | undefined {
    const value = this.#index.get(hash.high, hash.low)
    if (value === ABSENT) return undefined
    const recent = this.#recent(value, margin)
    if (recent === undefined) return 'base'
    if (isOf(recent, key)) return recent
    const other = this.#others.get(keyText(keyOf(key)))
    return (other === undefined ? undefined : this.#recent(other, margin)) ?? 'base'
  }

  /**
   * The one ordinary snapshot of an order that is new: nobody has its fingerprint. No object is made of it, for hardly
   * any is asked for again: nine in ten of all orders would be kept alive only to be collected.
   */
  putFirst(hash: Hash64, bytes: Uint8Array, start: number, end: number, version: number): void {
    const slot = this.#nextSlot()
    this.#ring[slot] = undefined
    this.#bytes[slot] = bytes
    this.#starts[slot] = start
    this.#ends[slot] = end
    this.#versions[slot] = version
    this.#ahead.at(-1)!.undo.push(hash.high, hash.low, this.#before(ABSENT))
    this.#index.set(hash.high, hash.low, this.#head)
  }

  /** The order's new state. `key` may be left out for one that is new: nobody has its fingerprint. */
  put(hash: Hash64, recent: Recent, key?: KeyBytes): void {
    const slot = this.#nextSlot()
    this.#ring[slot] = recent
    this.#bytes[slot] = undefined
    const batch = this.#ahead.at(-1)!
    const before = this.#index.get(hash.high, hash.low)
    const present = key === undefined || before === ABSENT ? undefined : this.#recent(before, 0)
    if (present !== undefined && !isOf(present, key!)) {
      const text = keyText(keyOf(key!))
      if (!batch.others.has(text)) batch.others.set(text, this.#others.get(text))
      this.#others.set(text, this.#head)
      return
    }
    batch.undo.push(hash.high, hash.low, this.#before(before))
    this.#index.set(hash.high, hash.low, this.#head)
  }

  #know(high: number, low: number): void {
    if (this.#index.get(high, low) === ABSENT) this.#index.set(high, low, IN_BASE)
  }

  /**
   * What a step that is taken back leaves. A page that comes in between passes over the order, or over another of its
   * fingerprint, so that "not there" would be "new" for ever: that the base table is to be asked is always right.
   */
  #before(value: number): number {
    return value === ABSENT && !this.#isWhole ? IN_BASE : value
  }

  #nextSlot(): number {
    this.#head += 1
    if (this.#head === ABSENT)
      throw new RangeError('4,294,967,294 changes in one life: start the processor again')
    const gone = this.#head - this.#size
    if (gone > 0) this.#spill?.put(gone, this.#inRing(gone)!)
    return this.#head % this.#size
  }

  #recent(value: number, margin: number): Recent | undefined {
    if (value === IN_BASE) return undefined
    const age = this.#head - value
    if (!this.#spill?.keeps) return age < this.#usable - margin ? this.#inRing(value) : undefined
    // What a batch pushes out of the ring it finds in the spill.
    return age < this.#size ? this.#inRing(value) : this.#spill.get(value)
  }

  #inRing(value: number): Recent | undefined {
    const slot = value % this.#size
    const bytes = this.#bytes[slot]
    if (bytes === undefined) return this.#ring[slot]
    const [start, end, version] = [this.#starts[slot]!, this.#ends[slot]!, this.#versions[slot]!]
    return { bytes, start, end, version, depth: 1, before: undefined }
  }
}

function isOf(recent: Recent, key: KeyBytes): boolean {
  if (!('bytes' in recent)) return hasKey(recent, key)
  const start = recent.start + KEY_AT
  return isSame(recent.bytes, start, start + key.end - key.start, key)
}
