import { CHART_STEP_MINUTES, readChart } from '../../clickhouse/queries/read-chart.ts'
import { readCountries } from '../../clickhouse/queries/read-countries.ts'
import { readFigures } from '../../clickhouse/queries/read-figures.ts'
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { readLatest } from '../../clickhouse/queries/read-latest.ts'
import { readProducts } from '../../clickhouse/queries/read-products.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Figures, Tiles } from '../../core/contracts/tiles.ts'
import { type DayWindow, sameElapsed, wholeDay } from './day-window.ts'
import type { TouchedDays } from './touched.ts'

/** Rows of each list on the wall. */
export const LIST_ROWS = 10

export type Numbers = Pick<Tiles, 'hero' | 'chart' | 'products' | 'countries' | 'latest'>

export interface NumbersReader {
  /** All tiles that are made of orders. The days before today are read only when they can have changed. */
  read(window: DayWindow, touched: TouchedDays): Promise<Numbers>
}

export function createNumbersReader(warehouse: Warehouse, scope: MoneyScope): NumbersReader {
  let past: { key: string; value: Past } | undefined

  async function pastOf(window: DayWindow, touched: TouchedDays): Promise<Past> {
    const key = `${window.today.day}/${window.elapsedMinutes}`
    if (past?.key === key && !touchesPast(scope, window, touched)) return past.value
    const value = await readPast(warehouse, scope, window)
    past = { key, value }
    return value
  }

  return {
    async read(window, touched) {
      const { day } = window.today
      const today = { ...scope, from: day, to: day, limit: LIST_ROWS }
      const [before, figures, chart, products, countries, latest] = await Promise.all([
        pastOf(window, touched),
        readFigures(warehouse, scope, [wholeDay(window.today)]),
        readChart(warehouse, scope, [window.today]),
        readProducts(warehouse, today),
        readCountries(warehouse, today),
        readLatest(warehouse, { ...scope, limit: LIST_ROWS }),
      ])
      const hero = heroTile(scope, window, before, figures[0]!)
      return { hero, chart: chartTile(window, before, chart[0]!), products, countries, latest }
    },
  }
}

interface Past {
  yesterday: { figures: Figures; line: string[] } | null
  lastWeek: { figures: Figures; line: string[] } | null
}

// Notices name booked days; on the sale axis a refund of today may change any day.
function touchesPast({ axis }: MoneyScope, window: DayWindow, touched: TouchedDays): boolean {
  if (touched === 'all') return true
  if (axis === 'sale') return touched.size > 0
  return touched.has(window.yesterday.day) || touched.has(window.lastWeek.day)
}

async function readPast(warehouse: Warehouse, scope: MoneyScope, window: DayWindow): Promise<Past> {
  const days = [window.yesterday, window.lastWeek]
  const [first, figures, lines] = await Promise.all([
    readFirstDay(warehouse, scope),
    readFigures(
      warehouse,
      scope,
      days.map((day) => sameElapsed(day, window.elapsedMinutes)),
    ),
    readChart(warehouse, scope, days),
  ])
  const past = (i: number) =>
    // Before the first day there was no business, or nobody knows of it: that is not zero.
    first === null || days[i]!.day < first ? null : { figures: figures[i]!.figures, line: lines[i]! }
  return { yesterday: past(0), lastWeek: past(1) }
}

function heroTile(
  { axis, currency }: MoneyScope,
  window: DayWindow,
  past: Past,
  { figures, otherCurrencies }: { figures: Figures; otherCurrencies: Tiles['hero']['otherCurrencies'] },
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
