/** Local days and hours of one zone. Most orders fall into quarter hours that others were in: their offsets are kept. */
import { offsetMs } from '../../core/runtime/local-time.ts'

const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Ten days of quarter hours. */
const SLOTS = 1 << 10

export class LocalClock {
  readonly zone: string
  readonly #quarters = new Float64Array(SLOTS).fill(Number.NaN)
  readonly #offsets = new Float64Array(SLOTS)

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
    const slot = quarter & (SLOTS - 1)
    if (quarter !== this.#quarters[slot]) {
      this.#offsets[slot] = offsetMs(instantMs, this.zone)
      this.#quarters[slot] = quarter
    }
    return instantMs + this.#offsets[slot]!
  }
}
