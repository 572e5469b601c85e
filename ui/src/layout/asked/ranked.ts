/** Answers of the api as rows of bars. */
import { toE4 } from '../../format/decimal.ts'
import { formatMoney, formatWhole } from '../../format/format-number.ts'
import { messages } from '../../messages.ts'
import { segmentName } from '../../segments/segment-names.ts'
import { type SegmentsAnswer, segmentRows } from '../../segments/segment-rows.ts'
import { type BarRow, MAX_ROWS, toRows } from '../../tiles/bar-rows.ts'

export interface BreakdownAnswer {
  currency: string
  values: { value: string; revenue: string }[]
}

export interface RepsAnswer {
  currency: string
  reps: { rep: string; revenue: string; commissionBase: string }[]
}

export interface RepRow extends BarRow {
  commission: string
  commissionRaw: string
}

/** Empty where all that there is was not told: a single bar of nothing says nothing. */
export function breakdownBars({ values }: BreakdownAnswer): BarRow[] {
  if (values.every(({ value }) => value === '')) return []
  return toRows(
    values.map(({ value, revenue }) => ({ key: value, name: value || messages.explore.notTold, revenue })),
  )
}

export function repRows({ reps, currency }: RepsAnswer): RepRow[] {
  const bars = breakdownBars({ currency, values: reps.map(({ rep, revenue }) => ({ value: rep, revenue })) })
  return bars.map((bar, at) => ({
    ...bar,
    commission: formatMoney(reps[at]!.commissionBase, currency),
    commissionRaw: reps[at]!.commissionBase,
  }))
}

/** By revenue, with how many customers each has. */
export function segmentBars(answer: SegmentsAnswer): BarRow[] {
  const rows = segmentRows(answer)
    .filter(({ customers }) => customers > 0)
    .map(({ segment, customers, revenue }) => ({
      key: segment,
      name: `${segmentName(answer.labels, segment)} · ${formatWhole(customers)}`,
      revenue,
    }))
  return toRows(rows.sort((a, b) => (toE4(a.revenue) < toE4(b.revenue) ? 1 : -1)).slice(0, MAX_ROWS))
}
