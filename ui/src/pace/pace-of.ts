/** The pace as the wall shows it: that of the hero's own day, or none. */
import type { PacePlace, PaceTile } from '../../../core/contracts/pace.ts'
import type { Tiles } from '../../../core/contracts/tiles.ts'

/** A pace of yesterday beside the numbers of today would be wrong. */
export function paceOf({ hero, pace }: Partial<Tiles>): PaceTile | null {
  return hero !== undefined && pace?.day === hero.day && hero.axis === 'booked' ? pace : null
}

export const PLACE_ICONS = { below: 'down', within: 'same', above: 'up' } as const
/** More is good, of revenue and of orders alike. */
export const PLACE_TONES: Readonly<Record<PacePlace, string>> = {
  below: 'warn',
  within: 'soft',
  above: 'good',
}
