/** The past of a series that is forecast, step by step: as it is now, which a refund or an edit may have changed since. */
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { FORECAST_STEP_DAYS, type ForecastStep } from '../../core/contracts/results.ts'
import { formatDay, parseDay, startOfWeek } from '../../core/runtime/local-time.ts'
import type { Warehouse } from '../warehouse.ts'
import { readDaySums, readKeyDays } from './read-day-series.ts'
import type { SeriesName } from './read-forecasts.ts'
import type { DayRange, MoneyScope } from './scope.ts'

export interface PastValue {
  /** The local day; of a week its Monday. */
  day: string
  /** Null: a ticket of what has no orders. */
  value: string | null
}

interface Sums {
  revenueE4: bigint
  salesE4: bigint
  orders: number
}

/**
 * Every day, or every week (which the range begins and ends with), 0 where nothing was booked. Not of what is read from lines
 * (`isOfLines`), but for its revenue.
 */
export async function readPastValues(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & SeriesName & { step: ForecastStep },
): Promise<PastValue[]> {
  const { series, step, dimension, key, from, to } = scope
  const rows = await (dimension === 'all'
    ? readDaySums(warehouse, scope)
    : readKeyDays(warehouse, { ...scope, dimension, keys: [key], fromLines: false }))
  const known = new Map<number, Sums>()
  for (const { day, revenue, sales, orders } of rows) {
    const at = step === 'day' ? parseDay(day) : startOfWeek(parseDay(day))
    const { revenueE4, salesE4, orders: before } = known.get(at) ?? NOTHING
    known.set(at, {
      revenueE4: revenueE4 + sumToE4(revenue),
      salesE4: salesE4 + sumToE4(sales),
      orders: before + orders,
    })
  }
  const days = FORECAST_STEP_DAYS[step]
  const first = parseDay(from)
  return Array.from({ length: Math.floor((parseDay(to) - first + 1) / days) }, (_, i) => {
    const at = first + i * days
    return { day: formatDay(at), value: VALUES[series](known.get(at) ?? NOTHING) }
  })
}

const NOTHING: Sums = { revenueE4: 0n, salesE4: 0n, orders: 0 }

const VALUES: Record<SeriesName['series'], (sums: Sums) => string | null> = {
  revenue: ({ revenueE4 }) => fromE4(revenueE4),
  orders: ({ orders }) => String(orders),
  ticket: ({ salesE4, orders }) => (orders > 0 ? fromE4(divideHalfEven(salesE4, BigInt(orders))) : null),
}
