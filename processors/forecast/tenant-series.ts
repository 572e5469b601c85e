/**
 * A tenant's days: revenue, sales and orders of all, and of the largest values of each dimension that has more than one. On
 * the booked axis, in the tenant's currency. A day without an entry is one without sales, but only from the first entry to
 * the cut-off.
 */
import { createHash } from 'node:crypto'
import {
  type DaySums,
  isOfLines,
  readDaySums,
  readKeyDays,
  readLargestKeys,
  type SplitDimension,
} from '../../clickhouse/queries/read-day-series.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { NamedDays } from './named-days.ts'
import type { DayFigures, SplitFigures } from './step-series.ts'

/** Day numbers. */
export interface TenantHistory extends NamedDays, DayFigures {
  firstDay: number
  cutOff: number
  /** Alike only where all days are, and what is on them. */
  fingerprint: string
}

/** Four years: what forecasts look back at. */
const HISTORY_DAYS = 1_456
/** The largest values are those of the last quarter. */
const RECENT_DAYS = 91
/** Values of each dimension. */
const MOST: Record<SplitDimension, number> = { source: 8, region: 10, country: 10, category: 10, product: 10 }
/** ClickHouse's TIMEOUT_EXCEEDED. */
const TOO_SLOW = 'CLICKHOUSE_159'
/** Raised when more is made of the same days than before. */
const MADE = 2
/** Of all that a history has: what moved less makes no other forecast. */
const MATERIAL = 0.001

/** Undefined where the tenant has no day up to the cut-off. */
export async function readHistory(
  warehouse: Warehouse,
  scope: MoneyScope,
  cutOff: number,
  readNamedDays: (from: string) => Promise<NamedDays>,
): Promise<TenantHistory | undefined> {
  const range = { from: formatDay(cutOff - HISTORY_DAYS + 1), to: formatDay(cutOff) }
  const rows = await readDaySums(warehouse, { ...scope, ...range })
  if (rows.length === 0) return undefined
  const firstDay = parseDay(rows[0]!.day)
  const named = await readNamedDays(rows[0]!.day)
  return {
    ...{ firstDay, cutOff, ...named, ...figuresOf(rows, firstDay, cutOff) },
    fingerprint: createHash('sha256')
      .update(JSON.stringify([MADE, rows, named]))
      .digest('hex')
      .slice(0, 16),
  }
}

/** Whether so much of the past is another than it was that a forecast of it would be one too. Both end on the same day. */
export function isMaterial(before: TenantHistory, now: TenantHistory): boolean {
  const firstDay = Math.min(before.firstDay, now.firstDay)
  if (textOf(before) !== textOf(now)) return true
  return (['revenue', 'orders'] as const).some((name) => {
    let moved = 0
    let whole = 0
    for (let day = firstDay; day <= now.cutOff; day++) {
      const value = now[name][day - now.firstDay] ?? 0
      moved += Math.abs(value - (before[name][day - before.firstDay] ?? 0))
      whole += Math.abs(value)
    }
    return moved > MATERIAL * whole
  })
}

const textOf = ({ holidays, promotions }: NamedDays) => JSON.stringify([holidays, promotions])

/**
 * Figures of all, then of the largest values of each dimension that has more than one. `onSlow`: told of a dimension of which
 * there is revenue alone, because the lines of so many orders take too long to read.
 */
export async function readSplits(
  warehouse: Warehouse,
  scope: MoneyScope,
  history: TenantHistory,
  onSlow: (dimension: SplitDimension) => void,
): Promise<SplitFigures[][]> {
  const { revenue, sales, orders } = history
  const splits: SplitFigures[][] = [[{ dimension: 'all', key: '', revenue, sales, orders }]]
  for (const dimension of Object.keys(MOST) as SplitDimension[])
    splits.push(await readSplit(warehouse, scope, history, dimension, onSlow))
  return splits
}

async function readSplit(
  warehouse: Warehouse,
  scope: MoneyScope,
  { firstDay, cutOff }: TenantHistory,
  dimension: SplitDimension,
  onSlow: (dimension: SplitDimension) => void,
): Promise<SplitFigures[]> {
  const of = { ...scope, dimension, to: formatDay(cutOff) }
  const recent = formatDay(Math.max(firstDay, cutOff - RECENT_DAYS + 1))
  const keys = await readLargestKeys(warehouse, { ...of, from: recent, limit: MOST[dimension] })
  // One alone is all there is.
  if (keys.length < 2) return []
  const asked = { ...of, from: formatDay(firstDay), keys }
  const rows = await readKeyDays(warehouse, { ...asked, fromLines: true }).catch((error) => {
    if (!isOfLines(dimension) || errorCode(error) !== TOO_SLOW) throw error
    onSlow(dimension)
    return readKeyDays(warehouse, { ...asked, fromLines: false })
  })
  return keys.map((key) => ({
    ...{ dimension, key },
    ...figuresOf(
      rows.filter((row) => row.key === key),
      firstDay,
      cutOff,
    ),
  }))
}

function figuresOf(rows: readonly DaySums[], firstDay: number, cutOff: number): DayFigures {
  const nothing = () => new Float64Array(cutOff - firstDay + 1)
  const figures = { revenue: nothing(), sales: nothing(), orders: nothing() }
  for (const { day, revenue, sales, orders } of rows) {
    const at = parseDay(day) - firstDay
    figures.revenue[at] = Number(revenue)
    figures.sales[at] = Number(sales)
    figures.orders[at] = orders
  }
  return figures
}
