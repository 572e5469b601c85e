/**
 * A bounded sample of a stream of rows, for refitting the forest. While fewer than `horizon` rows were seen it is
 * Vitter's algorithm R (1985): each is as likely to be there. From then on a new row is taken with probability
 * capacity / horizon and replaces a random one (Aggarwal, VLDB 2006): old rows fade away with a mean life of `horizon`
 * rows, so that a shop that changed is not judged by what it was. Same seed, same stream: same sample.
 */
import type { Rows } from '../forest/forest.ts'
import { type Random, seededRandom } from '../forest/seeded-random.ts'

export interface ReservoirOptions {
  features: number
  /** Rows that are kept. */
  capacity: number
  /** At least `capacity`. */
  horizon: number
  seed: number
}

export class Reservoir {
  readonly #options: ReservoirOptions
  readonly #values: Float64Array
  readonly #random: Random
  #seen = 0

  constructor(options: ReservoirOptions) {
    this.#options = options
    this.#values = new Float64Array(options.capacity * options.features)
    this.#random = seededRandom(options.seed)
  }

  /** Rows that came by. */
  get seen(): number {
    return this.#seen
  }

  add(row: Float64Array): void {
    const { capacity, horizon, features } = this.#options
    this.#seen += 1
    // Once it is full one draw decides both whether and where.
    const span = Math.min(this.#seen, Math.max(horizon, capacity))
    const slot = this.#seen <= capacity ? this.#seen - 1 : this.#random.below(span)
    if (slot < capacity) this.#values.set(row, slot * features)
  }

  /** A copy, so that a fit in the background sees no row change. */
  rows(): Rows {
    const { capacity, features } = this.#options
    return { values: this.#values.slice(0, Math.min(this.#seen, capacity) * features), features }
  }
}
