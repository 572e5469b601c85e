/**
 * Seeded randomness: sfc32 (Chris Doty-Humphrey, PractRand, public domain). The same seed gives the same run; each part
 * of the shop has a stream of its own, so that one that asks more often does not change what the others get.
 */
const WARM_UP_ROUNDS = 12

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, stream = 0) {
    this.#a = mix(seed, 0x9e3779b9) | 0
    this.#b = mix(seed, stream) | 0
    this.#c = mix(stream, 0x85ebca6b) | 0
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.next()
  }

  /** In [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11) | 0) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count)
  }

  /** Both ends included. */
  int(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** Waiting time until the next of events that come once per 1 on average. */
  exponential(): number {
    return -Math.log(1 - this.next())
  }

  /** Between two positive bounds, each factor of ten as likely as the next: delays are mostly short and sometimes long. */
  spread(min: number, max: number): number {
    return min * Math.exp(this.next() * Math.log(max / min))
  }
}

/** Two whole numbers to one of 32 bits, evenly strewn (the finalizer of MurmurHash3, public domain). */
export function mix(a: number, b: number): number {
  let hash = (Math.imul(a | 0, 0xcc9e2d51) ^ Math.imul((b | 0) + 0x7f4a7c15, 0x1b873593)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The same as a fraction in [0, 1). */
export function fraction(a: number, b: number): number {
  return mix(a, b) / 2 ** 32
}
