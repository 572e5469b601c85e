/** What today is to reach, beside what it has: of the hero's own day on the booked axis, or nothing. */
import type { PaceTile } from '../../../core/contracts/pace.ts'
import type { Tiles } from '../../../core/contracts/tiles.ts'
import { toE4 } from '../format/decimal.ts'
import { formatWhole } from '../format/format-number.ts'

export interface DayTarget {
  /** As it was set; a number of orders where `currency` is null. */
  amount: string
  currency: string | null
  /** Of 1; more than 1 where there is more, less than 0 where more went back than came. */
  share: number
  elapsedShare: number
  /** Where the day will end; null: nobody knows. */
  end: string | null
  verdict: 'reached' | 'above' | 'below' | 'open'
}

/** Revenue before orders, where both are set. */
export function dayTarget({ hero, notes }: Partial<Tiles>, pace: PaceTile | null): DayTarget | null {
  if (hero === undefined || notes === undefined || notes.day !== hero.day || hero.axis !== 'booked')
    return null
  const { revenue, orders } = notes.target
  const target = revenue === null ? (orders === null ? null : String(orders)) : revenue
  if (target === null) return null
  const came = toE4(revenue === null ? String(hero.today.orders) : hero.today.revenue)
  const wanted = toE4(target)
  const end = revenue === null ? null : (pace?.revenue?.end?.value ?? null)
  const isAbove = end !== null && toE4(end) >= wanted
  const verdict = came >= wanted ? 'reached' : end === null ? 'open' : isAbove ? 'above' : 'below'
  return {
    ...{ amount: target, currency: revenue === null ? null : hero.currency, end, verdict },
    share: Number(came) / Number(wanted),
    elapsedShare: hero.elapsedMinutes / notes.minutes,
  }
}

/** Down to whole percents, so that 100 is said of what is reached and of nothing else: 0.684 → "68 %". */
export function formatShare(share: number): string {
  const percent = Math.floor(share * 100 + 1e-9)
  return `${formatWhole(percent)} %`
}

export const barPercent = (share: number): number => Math.min(100, Math.max(0, share * 100))
