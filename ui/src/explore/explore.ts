/** What /api/v1/explore tells, as rows and bars. Shares and heights are for pictures: floats are good enough for these. */
import { formatMoney, formatWhole } from '../format/format-number.ts'
import { formatDay, formatWeekday } from '../format/format-time.ts'
import { messages } from '../messages.ts'
import { everyDay, type Side } from './explore-panel.ts'

export interface Sums {
  revenue: string
  sales: string
  refunds: string
  orders: number
  units: string
}
export interface ExploreAnswer {
  from: string
  to: string
  currency: string
  by: Side
  currencies: string[]
  total: Sums
  days: (Sums & { day: string })[]
  values: (Sums & { value: string })[]
  others: (Sums & { values: number }) | null
}

export interface ExploreRow extends Sums {
  /** Null: all others, which nothing can be held to. */
  value: string | null
  name: string
  share: number
}

export function exploreRows({ values, others }: ExploreAnswer): ExploreRow[] {
  const rows: (Sums & { value: string | null; name: string })[] = values.map((row) => ({
    ...row,
    name: row.value || messages.explore.notTold,
  }))
  if (others !== null)
    rows.push({
      ...others,
      value: null,
      name: messages.explore.others(formatWhole(others.values), others.values === 1),
    })
  const largest = Math.max(0, ...rows.map(({ revenue }) => Number(revenue)))
  return rows.map((row) => ({ ...row, share: largest > 0 ? Math.max(0, Number(row.revenue)) / largest : 0 }))
}

export interface DayBar {
  day: string
  /** For its title: "Thu 17 November 2011: 39,426.18, 87 orders". */
  text: string
  revenue: string
  /** Of the picture's height: where it begins from above, and how high it is. */
  top: number
  height: number
  isLoss: boolean
}

/** A bar for every day of the range, over one baseline, below it on a day that lost. `baseline` is a share of the height. */
export function dayBars({ from, to, days, currency }: ExploreAnswer): { bars: DayBar[]; baseline: number } {
  const byDay = new Map(days.map((row) => [row.day, row]))
  const values = days.map(({ revenue }) => Number(revenue))
  const top = Math.max(0, ...values)
  const span = top - Math.min(0, ...values) || 1
  const baseline = top / span
  const bars = everyDay({ from, to }).map((day) => {
    const { revenue, orders } = byDay.get(day) ?? { revenue: '0', orders: 0 }
    const height = Math.abs(Number(revenue)) / span
    const isLoss = Number(revenue) < 0
    const amount = formatMoney(revenue, currency)
    const text = `${formatWeekday(day, 'short')} ${formatDay(day, 'whole')}: ${amount} · ${messages.explore.ordersOf(formatWhole(orders), orders === 1)}`
    return { day, text, revenue, top: isLoss ? baseline : baseline - height, height, isLoss }
  })
  return { bars, baseline }
}
