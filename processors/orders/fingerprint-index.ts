/**
 * "Was this order seen before, and where is it?" at no cost: 64-bit fingerprints and a number each in one typed array,
 * open addressing with linear probing. Nine orders in ten are new, and a miss is certain; a hit may be a collision, so
 * whoever gets one compares the real key. 20 to 40 bytes an order.
 */
const INITIAL_SLOTS = 1 << 12
const MAX_LOAD = 0.6
/** 2^27 slots are 1.5 GiB: 80 million orders in one partition. */
const MAX_SLOTS = 1 << 27
const WORDS = 3

/** Not there. */
export const ABSENT = 0xffff_ffff

export class FingerprintIndex {
  #slots = new Uint32Array(INITIAL_SLOTS * WORDS)
  #mask = INITIAL_SLOTS - 1
  #used = 0
  #size = 0

  /** Fingerprints that are there. */
  get size(): number {
    return this.#size
  }

  /** The number kept with a fingerprint, or ABSENT. A fingerprint is never (0, 0): see `fingerprintOf`. */
  get(high: number, low: number): number {
    const at = this.#find(high, low)
    return this.#isFree(at) ? ABSENT : this.#slots[at + 2]!
  }

  /** Keeps a number below ABSENT; ABSENT takes the fingerprint out again. */
  set(high: number, low: number, value: number): void {
    if (this.#used + 1 > (this.#mask + 1) * MAX_LOAD) this.#grow()
    const at = this.#find(high, low)
    const before = this.#isFree(at) ? ABSENT : this.#slots[at + 2]!
    if (this.#isFree(at)) {
      if (value === ABSENT) return
      this.#slots[at] = high
      this.#slots[at + 1] = low
      this.#used += 1
    }
    this.#slots[at + 2] = value
    this.#size += (value === ABSENT ? 0 : 1) - (before === ABSENT ? 0 : 1)
  }

  /** Where the fingerprint stands, or the free slot where it belongs. (0, 0) marks a free slot. */
  #find(high: number, low: number): number {
    const slots = this.#slots
    let slot = low & this.#mask
    for (;;) {
      const at = slot * WORDS
      const h = slots[at]
      const l = slots[at + 1]
      if ((h === high && l === low) || (h === 0 && l === 0)) return at
      slot = (slot + 1) & this.#mask
    }
  }

  #isFree(at: number): boolean {
    return this.#slots[at] === 0 && this.#slots[at + 1] === 0
  }

  /** Those that were taken out are left behind. */
  #grow(): void {
    const slots = this.#size * 2 > (this.#mask + 1) * MAX_LOAD ? (this.#mask + 1) * 2 : this.#mask + 1
    if (slots > MAX_SLOTS) throw new RangeError(`a partition holds at most ${MAX_SLOTS * MAX_LOAD} orders`)
    const old = this.#slots
    this.#slots = new Uint32Array(slots * WORDS)
    this.#mask = slots - 1
    this.#used = 0
    for (let at = 0; at < old.length; at += WORDS) {
      if ((old[at] === 0 && old[at + 1] === 0) || old[at + 2] === ABSENT) continue
      const to = this.#find(old[at]!, old[at + 1]!)
      this.#slots.set(old.subarray(at, at + WORDS), to)
      this.#used += 1
    }
  }
}
