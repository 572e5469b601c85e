import { CHART_STEP_MINUTES } from '../../clickhouse/queries/read-chart.ts'
import { readCountries } from '../../clickhouse/queries/read-countries.ts'
import { type DayAnswer, readDays } from '../../clickhouse/queries/read-days.ts'
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { readLatest } from '../../clickhouse/queries/read-latest.ts'
import { readProducts } from '../../clickhouse/queries/read-products.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import { type DayWindow, sameElapsed } from './day-window.ts'
import type { TouchedDays } from './touched.ts'

/** Rows of each list on the wall. */
export const LIST_ROWS = 10

export type DayTiles = Pick<Tiles, 'hero' | 'chart'>
export type ListTiles = Pick<Tiles, 'products' | 'countries' | 'latest'>

export interface NumbersReader {
  /** Hero and chart, of one reading. The days before today are read only when they can have changed. */
  readDay(window: DayWindow, touched: TouchedDays): Promise<DayTiles>
  readLists(window: DayWindow): Promise<ListTiles>
}

export function createNumbersReader(warehouse: Warehouse, scope: MoneyScope): NumbersReader {
  let past: { key: string; value: Past } | undefined
  let first: { day: string; value: string | null } | undefined

  // Only an entry of a day before it could move the first day; that is found when all is looked at.
  async function firstDay({ day }: DayWindow['today'], touched: TouchedDays): Promise<string | null> {
    if (first?.day === day && first.value !== null && touched !== 'all') return first.value
    first = { day, value: await readFirstDay(warehouse, scope) }
    return first.value
  }

  return {
    async readDay(window, touched) {
      const key = `${window.today.day}/${window.elapsedMinutes}`
      const known = past?.key === key && !touchesPast(scope, window, touched) ? past.value : undefined
      const days = known === undefined ? [window.yesterday, window.lastWeek] : []
      const asked = [window.today, ...days.map((day) => sameElapsed(day, window.elapsedMinutes))]
      const [answers, from] = await Promise.all([
        readDays(warehouse, scope, asked),
        known === undefined ? firstDay(window.today, touched) : null,
      ])
      const [today, yesterday, lastWeek] = answers
      const before = known ?? {
        yesterday: sinceDay(from, window.yesterday.day, yesterday),
        lastWeek: sinceDay(from, window.lastWeek.day, lastWeek),
      }
      past = { key, value: before }
      return { hero: heroTile(scope, window, before, today!), chart: chartTile(window, before, today!.line) }
    },
    async readLists({ today: { day } }) {
      const today = { ...scope, from: day, to: day, limit: LIST_ROWS }
      const [products, countries, latest] = await Promise.all([
        readProducts(warehouse, today),
        readCountries(warehouse, today),
        readLatest(warehouse, today),
      ])
      return { products, countries, latest }
    },
  }
}

interface Past {
  yesterday: DayAnswer | null
  lastWeek: DayAnswer | null
}

// Notices name booked days; on the sale axis a refund of today may change any day.
function touchesPast({ axis }: MoneyScope, window: DayWindow, touched: TouchedDays): boolean {
  if (touched === 'all') return true
  if (axis === 'sale') return touched.size > 0
  return touched.has(window.yesterday.day) || touched.has(window.lastWeek.day)
}

/** Before the first day there was no business, or nobody knows of it: that is not zero. */
function sinceDay(first: string | null, day: string, answer: DayAnswer | undefined): DayAnswer | null {
  return first === null || day < first ? null : (answer ?? null)
}

function heroTile(
  { axis, currency }: MoneyScope,
  window: DayWindow,
  past: Past,
  { figures, otherCurrencies }: DayAnswer,
): Tiles['hero'] {
  return {
    axis,
    currency,
    day: window.today.day,
    elapsedMinutes: window.elapsedMinutes,
    today: figures,
    yesterday: past.yesterday?.figures ?? null,
    yesterdayDay: window.yesterday.day,
    lastWeek: past.lastWeek?.figures ?? null,
    lastWeekDay: window.lastWeek.day,
    margin: null,
    marginReason: 'costs are not known',
    otherCurrencies,
  }
}

/** Today's line ends with the step that has begun, and that is all of today: the hero's number. */
function chartTile(window: DayWindow, past: Past, today: readonly string[]): Tiles['chart'] {
  const begun = today.slice(0, Math.floor(window.elapsedMinutes / CHART_STEP_MINUTES) + 1)
  const whole = today.at(-1)
  if (whole !== undefined && begun.length > 0) begun[begun.length - 1] = whole
  return {
    stepMinutes: CHART_STEP_MINUTES,
    today: begun,
    yesterday: past.yesterday?.line ?? [],
    lastWeek: past.lastWeek?.line ?? [],
  }
}
