/** Local days and hours of one zone; orders that follow each other fall into the same quarter hour. */
import { offsetMs } from '../../core/runtime/local-time.ts'

const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export class LocalClock {
  readonly zone: string
  #quarter = Number.NaN
  #offset = 0

  constructor(zone: string) {
    this.zone = zone
  }

  day(instantMs: number): number {
    return Math.floor(this.#local(instantMs) / DAY_MS)
  }

  /** Instants are after 1970, so that nothing is negative. */
  hour(instantMs: number): number {
    return Math.floor((this.#local(instantMs) % DAY_MS) / HOUR_MS)
  }

  #local(instantMs: number): number {
    const quarter = Math.floor(instantMs / QUARTER_MS)
    if (quarter !== this.#quarter) {
      this.#offset = offsetMs(instantMs, this.zone)
      this.#quarter = quarter
    }
    return instantMs + this.#offset
  }
}
