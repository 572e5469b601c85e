/** The past of a series that is forecast, day by day: as it is now, which a refund or an edit may have changed since. */
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DaySums, readDaySums, readKeyDays } from './read-day-series.ts'
import type { SeriesName } from './read-forecasts.ts'
import type { DayRange, MoneyScope } from './scope.ts'

export interface DayValue {
  day: string
  /** Null: a ticket of a day without orders. */
  value: string | null
}

/** Every day of the range, 0 where nothing was booked. */
export async function readDayValues(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & Pick<SeriesName, 'series' | 'dimension' | 'key'>,
): Promise<DayValue[]> {
  const { series, dimension, key, from, to } = scope
  const rows =
    dimension === 'all'
      ? (await readDaySums(warehouse, scope)).map((row) => ({ day: row.day, value: VALUES[series](row) }))
      : (await readKeyDays(warehouse, { ...scope, dimension, keys: [key] })).map(({ day, revenue }) => ({
          day,
          value: revenue,
        }))
  const known = new Map<string, string | null>(rows.map(({ day, value }) => [day, value]))
  const nothing = series === 'ticket' ? null : '0'
  return Array.from({ length: parseDay(to) - parseDay(from) + 1 }, (_, i) => {
    const day = formatDay(parseDay(from) + i)
    return { day, value: known.get(day) ?? nothing }
  })
}

const VALUES: Record<SeriesName['series'], (sums: DaySums) => string | null> = {
  revenue: ({ revenue }) => revenue,
  orders: ({ orders }) => String(orders),
  ticket: ({ sales, orders }) => (orders > 0 ? fromE4(divideHalfEven(sumToE4(sales), BigInt(orders))) : null),
}
