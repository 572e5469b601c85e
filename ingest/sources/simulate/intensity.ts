/**
 * How many orders come when: a rate that is constant within a slot, which is a quarter of an hour or what a change of
 * pace leaves of one. Seasons and market follow the tenant's local time, so that noon is busy before and after a clock
 * change; growth follows the years since the shop opened.
 */
import type { LocalCalendar } from './local-calendar.ts'
import { type MarketEvent, marketEventsOf } from './market-events.ts'
import { seasonAt } from './seasons.ts'
import type { SimulationSettings } from './simulation-options.ts'

/** From an instant on the shop sells at a rate of its own, or again (null) what its customers buy. */
export interface PaceChange {
  atMs: number
  perSecond: number | null
  /** Without seasons and market. */
  steady: boolean
}

export interface Slot {
  fromMs: number
  untilMs: number
  /** Orders per ms. */
  perMs: number
  /** The same without seasons and market: what memory is planned for. */
  basePerMs: number
  /** Of the orders of customers: the share of first orders. */
  newShare: number
  localDay: number
  discountBp: number
  /** Years since the shop opened. */
  years: number
}

export interface Intensity {
  slotAt(ms: number): Slot
  /** Market events of a local day, by day number. */
  marketOf(localDay: number): readonly MarketEvent[]
  /** The mean number of orders between two instants. */
  expected(fromMs: number, untilMs: number): number
  changePace(change: PaceChange): void
}

const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
export const YEAR_MS = 365.2425 * DAY_MS
/** A shop always wins some new customers, however little it sells. */
const MAX_NEW_SHARE = 0.9

export function createIntensity(settings: SimulationSettings, calendar: LocalCalendar): Intensity {
  const { seed, beginMs, growth, ordersPerYear, customersPerYear, guestShare } = settings
  const changes: PaceChange[] = []
  let eventsYear = Number.NaN
  let eventsOfYear: MarketEvent[] = []

  function marketOfYear(localMs: number): MarketEvent[] {
    const year = new Date(localMs).getUTCFullYear()
    if (year !== eventsYear) eventsOfYear = marketEventsOf(seed, year)
    eventsYear = year
    return eventsOfYear
  }

  function slotAt(ms: number): Slot {
    const fromMs = Math.floor(ms)
    const quarterEndMs = (Math.floor(fromMs / QUARTER_MS) + 1) * QUARTER_MS
    const pace = changes.findLast(({ atMs }) => atMs <= fromMs)
    const next = changes.find(({ atMs }) => atMs > fromMs)
    const localMs = fromMs + calendar.offsetMs(fromMs)
    const years = (fromMs - beginMs) / YEAR_MS
    const grown = (1 + growth) ** years
    const basePerMs = pace?.perSecond == null ? (ordersPerYear * grown) / YEAR_MS : pace.perSecond / 1_000
    let factor = pace?.steady ? 1 : seasonAt(localMs)
    let discountBp = 0
    for (const event of marketOfYear(localMs)) {
      if (localMs < event.fromMs || localMs >= event.untilMs) continue
      if (!pace?.steady) factor *= event.factor
      discountBp = Math.max(discountBp, event.discountBp)
    }
    return {
      fromMs,
      untilMs: Math.min(quarterEndMs, next?.atMs ?? quarterEndMs),
      perMs: basePerMs * factor,
      basePerMs,
      newShare: Math.min(
        MAX_NEW_SHARE,
        (customersPerYear * grown) / YEAR_MS / (basePerMs * (1 - guestShare)),
      ),
      localDay: Math.floor(localMs / DAY_MS),
      discountBp,
      years,
    }
  }

  return {
    slotAt,
    marketOf: (localDay) =>
      marketOfYear(localDay * DAY_MS).filter(({ fromMs }) => Math.floor(fromMs / DAY_MS) === localDay),
    expected(fromMs, untilMs) {
      let sum = 0
      for (let at = fromMs; at < untilMs; ) {
        const slot = slotAt(at)
        const endMs = Math.min(slot.untilMs, untilMs)
        sum += slot.perMs * (endMs - at)
        at = endMs
      }
      return sum
    },
    changePace: (change) => void changes.push(change),
  }
}
