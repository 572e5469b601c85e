/** The pace at this moment, out of what was stored: bounds between two quarters of an hour lie on the line between them. */
import type { Bounds, PaceBand, StoredNowcast } from '../../clickhouse/queries/read-pace.ts'
import { fromE4 } from '../../core/contracts/money.ts'
import { PACE_STEP_MINUTES, type PaceTile } from '../../core/contracts/pace.ts'

export interface StoredPace {
  bands: readonly PaceBand[]
  nowcasts: readonly StoredNowcast[]
  /** Why there is nothing, where there is not. */
  absence: NonNullable<PaceTile['absence']>
}

export function paceTile({ bands, nowcasts, absence }: StoredPace, day: string, minutes: number): PaceTile {
  const of = { day, elapsedMinutes: minutes }
  const bandOf = (name: PaceBand['series']) => bands.find(({ series }) => series === name)
  const [revenue, orders] = [bandOf('revenue'), bandOf('orders')]
  if (revenue === undefined && orders === undefined) return { ...of, absence, revenue: null, orders: null }
  const endOf = (name: PaceBand['series']) => nowcasts.find(({ series }) => series === name)
  return {
    ...of,
    absence: null,
    revenue: revenue === undefined ? null : revenuePace(revenue, endOf('revenue'), minutes),
    orders: orders === undefined ? null : ordersPace(orders, endOf('orders'), minutes),
  }
}

const NAMES = ['value', 'low80', 'high80', 'low95', 'high95'] as const
type Numbers = Record<(typeof NAMES)[number], number>

/** Of a band that has points; before the first it is the first, behind the last it is the last. */
export function usualBy({ points }: Pick<PaceBand, 'points'>, minutes: number): Numbers {
  const right = points.find(({ minute }) => minute >= minutes) ?? points.at(-1)!
  const left = points.findLast(({ minute }) => minute <= minutes) ?? points[0]!
  const span = right.minute - left.minute
  const share = span === 0 ? 0 : (minutes - left.minute) / span
  const between = (name: keyof Bounds) =>
    Number(left[name]) + share * (Number(right[name]) - Number(left[name]))
  return Object.fromEntries(NAMES.map((name) => [name, between(name)])) as Numbers
}

function revenuePace(
  band: PaceBand,
  end: StoredNowcast | undefined,
  minutes: number,
): NonNullable<PaceTile['revenue']> {
  const { value, low80, high80 } = usualBy(band, minutes)
  const line = (name: keyof Bounds) => band.points.map((point) => inCents(Number(point[name])))
  return {
    byNow: { value: inCents(value), low80: inCents(low80), high80: inCents(high80) },
    end: end === undefined ? null : { ...boundsInCents(end), place: end.place },
    band: {
      stepMinutes: PACE_STEP_MINUTES,
      value: line('value'),
      low80: line('low80'),
      high80: line('high80'),
    },
  }
}

function ordersPace(
  band: PaceBand,
  end: StoredNowcast | undefined,
  minutes: number,
): NonNullable<PaceTile['orders']> {
  const { value, low80, high80 } = usualBy(band, minutes)
  const byNow = {
    value: Math.round(value * 100) / 100,
    low80: Math.round(low80),
    high80: Math.round(high80),
  }
  return { byNow, place: end?.place ?? null }
}

const boundsInCents = ({ value, low80, high80 }: Bounds) => ({
  value: inCents(Number(value)),
  low80: inCents(Number(low80)),
  high80: inCents(Number(high80)),
})

/** An estimate is not known any better. */
export const inCents = (value: number): string => fromE4(Math.round(value * 100) * 100)
