/** What comes over the market: promotions, peaks, outages, price changes. Drawn for each local year from the seed. */
import { mix, Random } from './random.ts'

const QUARTER_MS = 900_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const STREAM = 0x6d61726b

export interface MarketEvent {
  kind: 'promotion' | 'peak' | 'outage' | 'price-change'
  /** Local times read as if UTC, on quarter hours; a price change has no length. */
  fromMs: number
  untilMs: number
  /** Of the number of orders; 0 while the shop is down. */
  factor: number
  /** Off the lines' sum, hundredths of a percent. */
  discountBp: number
  /** Price changes: new price in hundredths of a percent of the old one, and of which part of the catalogue. */
  priceBp: number
  section: number
}

const PROMOTIONS = 6
const OUTAGES = 4
const PRICE_CHANGES = 3

/** All of one local year, in no order. They end with it, so that a year needs to know no other. */
export function marketEventsOf(seed: number, year: number): MarketEvent[] {
  const random = new Random(mix(seed, year), STREAM)
  const yearMs = Date.UTC(year, 0, 1)
  const lastMs = Date.UTC(year + 1, 0, 1)
  const someDay = () => yearMs + random.below(360) * DAY_MS
  const friday = blackFriday(year)
  return [
    event('peak', friday, friday + DAY_MS, { factor: 4 + random.next(), discountBp: 2_000 }),
    event('peak', friday + 3 * DAY_MS, friday + 4 * DAY_MS, { factor: 2 + random.next(), discountBp: 1_500 }),
    ...times(PROMOTIONS, () => {
      const fromMs = someDay()
      const untilMs = Math.min(lastMs, fromMs + random.int(2, 6) * DAY_MS)
      return event('promotion', fromMs, untilMs, {
        factor: 1.2 + random.next() * 0.8,
        discountBp: random.int(1, 5) * 500,
      })
    }),
    ...times(OUTAGES, () => {
      const fromMs = someDay() + random.below(96) * QUARTER_MS
      return event('outage', fromMs, fromMs + random.int(2, 16) * QUARTER_MS, { factor: 0 })
    }),
    ...times(PRICE_CHANGES, () => {
      const fromMs = someDay() + 6 * HOUR_MS
      return event('price-change', fromMs, fromMs, {
        priceBp: random.int(94, 115) * 100,
        section: random.below(1_000),
      })
    }),
  ]
}

function event(
  kind: MarketEvent['kind'],
  fromMs: number,
  untilMs: number,
  more: Partial<MarketEvent>,
): MarketEvent {
  return { kind, fromMs, untilMs, factor: 1, discountBp: 0, priceBp: 10_000, section: 0, ...more }
}

/** The day after the fourth Thursday of November. */
function blackFriday(year: number): number {
  const first = Date.UTC(year, 10, 1)
  const toThursday = (4 - new Date(first).getUTCDay() + 7) % 7
  return first + (toThursday + 22) * DAY_MS
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
