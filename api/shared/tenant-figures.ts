/**
 * The keys of one tenant: what of them is known to stand in Redis, what may have changed, and the changes that follow from
 * reading it again. The keys are a function of what ClickHouse has and of today: each day from the first with revenue or
 * orders to the last such day, and the month up to today, zeros included; and today's top products.
 */
import { createHash } from 'node:crypto'
import { type DayFigures, readDayFigures, readDaySpan } from '../../clickhouse/queries/read-day-figures.ts'
import { readProducts } from '../../clickhouse/queries/read-products.ts'
import type { DayRange, MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { TouchedDays } from '../live/touched.ts'
import type { KeyChange } from './guarded-keys.ts'

/** Of a day, those farthest from zero; the others have no key. */
export const MAX_REGIONS = 1_000
export const MAX_PRODUCTS = 100
/** Thirty-odd years; of more days the newest. */
const MAX_DAYS = 12_000
/**
 * Up to today, sales or not. Not all days since the last sale: before the first word of a source nobody knows that it is a
 * replay, whose today lies years back.
 */
const LATEST_DAYS = 31
/** Days of one query. */
const DAYS_AT_ONCE = 200
/** Days of one write: Redis does nothing else meanwhile. With 1,000 regions each that is 20,000 keys, some 20 ms. */
const DAYS_PER_WRITE = 20
/** Without a notice that names days, these are the likely ones; the others follow when all are read. */
const RECENT_DAYS = 8
/** How soon all days are read again: of a notice that was too much to name days, or just so that no lost one stays lost. */
const ALL_DAYS_INTERVAL_MS = { soon: 5_000, routine: 60_000 }
/** And for a twentieth of the time at most. */
const ALL_DAYS_PAUSES = 20

export interface TenantFigures {
  /** `all` where nobody can say which days; `isNews` false: perhaps none. */
  touch(days: TouchedDays, isNews: boolean): void
  /** Nothing is known of Redis any more; `written` are the days that have keys there, of whomever. */
  forget(written: readonly string[]): void
  /**
   * Changes in portions: each is counted as written when the next one is asked for. What could not be read or written stays
   * touched. Rejects as the warehouse does.
   */
  changes(today: string): AsyncGenerator<KeyChange[], void>
}

export interface TenantFiguresOptions {
  scope: MoneyScope
  /** Before each key: empty, or the tenant and a colon. */
  prefix: string
  warehouse: Warehouse
  clock: Clock
}

export function createTenantFigures({
  scope,
  prefix,
  warehouse,
  clock,
}: TenantFiguresOptions): TenantFigures {
  /** Digests of what stands in Redis, by day; '' where it is not known what. */
  let known = new Map<string, string>()
  let touched = new Set<string>()
  let isRecentTouched = true
  let allWanted: 'no' | 'routine' | 'soon' = 'soon'
  let days: ReadonlySet<string> = new Set()
  let shownToday = ''
  let top = ''
  let allReadAtMs = Number.NEGATIVE_INFINITY
  let allTookMs = 0

  const isDue = () =>
    allWanted !== 'no' &&
    clock.now() - allReadAtMs >= Math.max(ALL_DAYS_INTERVAL_MS[allWanted], ALL_DAYS_PAUSES * allTookMs)

  async function* ofDays(asked: readonly string[]): AsyncGenerator<KeyChange[], void> {
    for (const chunk of portions(asked, DAYS_AT_ONCE)) {
      const figures = await readDayFigures(warehouse, scope, { days: chunk, maxRegions: MAX_REGIONS })
      const fresh = chunk
        .map((day) => ({ day, change: dayChange(prefix, day, figures.get(day)!) }))
        .map((one) => ({ ...one, digest: digestOf(one.change) }))
        .filter(({ day, digest }) => known.get(day) !== digest)
      for (const portion of portions(fresh, DAYS_PER_WRITE)) {
        yield portion.map(({ change }) => change)
        for (const { day, digest } of portion) known.set(day, digest)
      }
    }
  }

  async function* ofAll(today: string): AsyncGenerator<KeyChange[], void> {
    const since = clock.now()
    allWanted = 'no'
    const span = await readDaySpan(warehouse, scope)
    const next = [...daysUpTo(today, LATEST_DAYS), ...(span === null ? [] : daysOf(span))]
    const first = span === null || span.from > today ? today : span.from
    const kept = new Set(next.filter((day) => day >= first))
    const gone = [...known.keys()].filter((day) => !kept.has(day))
    for (const portion of portions(gone, DAYS_AT_ONCE)) {
      yield portion.map((day) => ({ type: 'no-day', prefix, day }))
      for (const day of portion) known.delete(day)
    }
    // The newest first: they are looked at.
    yield* ofDays([...kept].sort().reverse())
    days = kept
    allReadAtMs = clock.now()
    allTookMs = allReadAtMs - since
  }

  async function* ofTop(today: string): AsyncGenerator<KeyChange[], void> {
    const range = { from: today, to: today, limit: MAX_PRODUCTS }
    const sold = await readProducts(warehouse, { ...scope, ...range })
    const products = sold
      .filter(({ revenue }) => Number(revenue) > 0)
      .map(({ sku, name, revenue }) => ({ sku, name, revenue }))
    const change: KeyChange = { type: 'top', prefix, products }
    const digest = digestOf(change)
    if (digest === top) return
    yield [change]
    top = digest
  }

  return {
    touch(more, isNews) {
      if (more !== 'all') for (const day of more) touched.add(day)
      else {
        isRecentTouched = true
        if (allWanted !== 'soon') allWanted = isNews ? 'soon' : 'routine'
      }
    },
    forget(written) {
      known = new Map(written.map((day) => [day, '']))
      days = new Set()
      touched = new Set()
      isRecentTouched = true
      allWanted = 'soon'
      allReadAtMs = Number.NEGATIVE_INFINITY
      shownToday = ''
      top = ''
    },
    async *changes(today) {
      if (!isRecentTouched && touched.size === 0 && today === shownToday && !isDue()) return
      const taken = touched
      const wasRecentTouched = isRecentTouched
      touched = new Set()
      isRecentTouched = false
      // A day beside those that have keys moves the first or the last of them, and with it all in between.
      if ([...taken].some((day) => !days.has(day))) allWanted = 'soon'
      const wanted = allWanted
      let done = false
      try {
        if (isDue() || !days.has(today) || today < shownToday) yield* ofAll(today)
        else {
          const asked = new Set([...taken, today, ...(wasRecentTouched ? daysUpTo(today, RECENT_DAYS) : [])])
          yield* ofDays([...asked].filter((day) => days.has(day)))
        }
        yield* ofTop(today)
        shownToday = today
        done = true
      } finally {
        if (!done) {
          for (const day of taken) touched.add(day)
          isRecentTouched ||= wasRecentTouched
          if (wanted !== 'no') allWanted = wanted
        }
      }
    },
  }
}

function dayChange(prefix: string, day: string, figures: DayFigures): KeyChange {
  const { revenue, orders, customers, regions } = figures
  return { type: 'day', prefix, day, revenue, orders, customers, regions: Object.fromEntries(regions) }
}

const digestOf = (change: KeyChange) => createHash('sha1').update(JSON.stringify(change)).digest('base64')

function daysOf({ from, to }: DayRange): string[] {
  return daysUpTo(to, Math.min(parseDay(to) - parseDay(from) + 1, MAX_DAYS))
}

function daysUpTo(last: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => formatDay(parseDay(last) - i))
}

function* portions<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}
