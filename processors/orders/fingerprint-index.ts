/**
 * "Was this order seen before?" at no cost: a set of 64-bit fingerprints in one typed array, open addressing with
 * linear probing. Nine orders in ten are new, and a miss is certain; a hit may be a collision, so whoever gets one
 * compares the real key. About 16 to 32 bytes an order.
 */
const INITIAL_SLOTS = 1 << 12
const MAX_LOAD = 0.6
/** 2^27 slots are 1 GiB: 80 million orders in one partition. */
const MAX_SLOTS = 1 << 27

export class FingerprintIndex {
  #slots = new Uint32Array(INITIAL_SLOTS * 2)
  #mask = INITIAL_SLOTS - 1
  #size = 0

  get size(): number {
    return this.#size
  }

  has(key: string): boolean {
    const [high, low] = fingerprint(key)
    const slot = this.#find(high, low)
    return this.#slots[slot * 2] === high && this.#slots[slot * 2 + 1] === low
  }

  add(key: string): void {
    if (this.#size + 1 > (this.#mask + 1) * MAX_LOAD) this.#grow()
    const [high, low] = fingerprint(key)
    this.#put(high, low)
  }

  #put(high: number, low: number): void {
    const slot = this.#find(high, low)
    if (this.#slots[slot * 2] === high && this.#slots[slot * 2 + 1] === low) return
    this.#slots[slot * 2] = high
    this.#slots[slot * 2 + 1] = low
    this.#size += 1
  }

  /** The slot that holds the fingerprint, or the free one where it belongs. (0, 0) marks a free slot. */
  #find(high: number, low: number): number {
    let slot = low & this.#mask
    for (;;) {
      const h = this.#slots[slot * 2]
      const l = this.#slots[slot * 2 + 1]
      if ((h === high && l === low) || (h === 0 && l === 0)) return slot
      slot = (slot + 1) & this.#mask
    }
  }

  #grow(): void {
    const slots = (this.#mask + 1) * 2
    if (slots > MAX_SLOTS) throw new RangeError(`a partition holds at most ${MAX_SLOTS * MAX_LOAD} orders`)
    const old = this.#slots
    this.#slots = new Uint32Array(slots * 2)
    this.#mask = slots - 1
    this.#size = 0
    for (let i = 0; i < old.length; i += 2) {
      if (old[i] !== 0 || old[i + 1] !== 0) this.#put(old[i]!, old[i + 1]!)
    }
  }
}

/** Two multiplicative 32-bit hashes over UTF-16 units, mixed at the end; never (0, 0). */
export function fingerprint(key: string): [high: number, low: number] {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    a = Math.imul(a ^ unit, 2_654_435_761)
    b = Math.imul(b ^ unit, 1_597_334_677)
  }
  const high = (Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)) >>> 0
  const low = (Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)) >>> 0
  return high === 0 && low === 0 ? [0, 1] : [high, low]
}
