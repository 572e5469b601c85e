import type { Tiles } from '../../../core/contracts/tiles.ts'

/** True when no order has ever come: the wall then says what to connect. A quiet day of a known shop is not empty. */
export function isEmptyWall({ hero, latest, history, chart }: Partial<Tiles>): boolean {
  if (!hero || history) return false
  const before = hero.yesterday !== null || hero.lastWeek !== null
  const drawn = (chart?.today.length ?? 0) > 0 && chart?.today.some((value) => Number(value) !== 0)
  return hero.today.orders === 0 && !before && (latest?.length ?? 0) === 0 && !drawn
}
