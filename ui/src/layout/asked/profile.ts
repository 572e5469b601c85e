/** The hours of the week as a picture. Floats are right for how bright a cell is; what is said comes from the string. */
export interface ProfileAnswer {
  currency: string
  cells: { weekday: number; hour: number; revenuePerHour: string | null }[]
}

export interface HeatCell {
  weekday: number
  hour: number
  /** Null: none of these hours is over yet. */
  revenue: string | null
  /** 0 … 1, of the best hour. */
  share: number
}

export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)

/** Every hour of every weekday, whether it is known or not; none where nothing is known at all. */
export function heatCells({ cells }: ProfileAnswer): HeatCell[] {
  const known = new Map(
    cells.map(({ weekday, hour, revenuePerHour }) => [weekday * 24 + hour, revenuePerHour]),
  )
  const most = Math.max(0, ...cells.map(({ revenuePerHour }) => Number(revenuePerHour ?? 0)))
  if (most <= 0) return []
  return WEEKDAYS.flatMap((weekday) =>
    HOURS.map((hour) => {
      const revenue = known.get(weekday * 24 + hour) ?? null
      return { weekday, hour, revenue, share: Math.max(0, Number(revenue ?? 0)) / most }
    }),
  )
}

/** The best hour. */
export function busiest(cells: readonly HeatCell[]): HeatCell | undefined {
  return cells.find(({ share }) => share === 1)
}
