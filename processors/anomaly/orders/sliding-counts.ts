/**
 * How many orders a key (a customer, a card, an address) placed in the last minutes. Bounded: of keys the ones that
 * were heard of least recently are forgotten, of a key's orders the oldest. What was forgotten makes a count too small,
 * never too large.
 */
export interface Velocity {
  /** Orders in the window, this one included. */
  count: number
  /** From the first of them to this one. */
  spanMs: number
}

export interface SlidingOptions {
  windowMs: number
  maxKeys?: number
  /** Of one key. */
  maxTimes?: number
}

const DEFAULT_KEYS = 100_000
const DEFAULT_TIMES = 64

export class SlidingCounts {
  readonly #windowMs: number
  readonly #maxKeys: number
  readonly #maxTimes: number
  /** In the order in which they were last heard of. */
  readonly #times = new Map<string, number[]>()

  constructor({ windowMs, maxKeys = DEFAULT_KEYS, maxTimes = DEFAULT_TIMES }: SlidingOptions) {
    this.#windowMs = windowMs
    this.#maxKeys = maxKeys
    this.#maxTimes = maxTimes
  }

  /** Keys that are known. */
  get size(): number {
    return this.#times.size
  }

  /** Counts an order; orders may come a little out of order. Count and span are those of the window that ends with it. */
  add(key: string, atMs: number): Velocity {
    const known = this.#times.get(key) ?? []
    this.#times.delete(key)
    const latest = Math.max(atMs, known.at(-1) ?? atMs)
    const kept = known.filter((time) => time > latest - this.#windowMs)
    kept.push(atMs)
    kept.sort((a, b) => a - b)
    this.#times.set(key, kept.slice(-this.#maxTimes))
    if (this.#times.size > this.#maxKeys) this.#times.delete(this.#times.keys().next().value!)
    const within = kept.filter((time) => time > atMs - this.#windowMs && time <= atMs)
    return { count: within.length, spanMs: atMs - within[0]! }
  }
}
