/**
 * When a series is in alarm: k of the last n points must be significant, and each by a minimum in absolute and in
 * relative terms; or a drift has added up (CUSUM) that is as large. It stays in alarm until as many points as
 * `clearAfter` in a row are calm by a lower limit than the one it began with. So it cannot flap: after it began it lasts
 * `clearAfter` points at least, after it ended k bad points are needed again.
 */
import type { Assessment } from './assess-point.ts'
import { type Cusum, type CusumOptions, NO_DRIFT, stepCusum } from './cusum.ts'

export type Direction = 'fall' | 'rise'
export type Cause = 'level' | 'drift'

export interface WatchOptions {
  /** k of n. */
  k: number
  n: number
  /** Standard deviations from which a point is significant. */
  zOn: number
  /** Below it a point is calm; lower than zOn. */
  zOff: number
  clearAfter: number
  /** In the unit of the series. */
  leastAbsolute: number
  /** Of what is expected. */
  leastRelative: number
  /** A drift is told from this share on. */
  leastDrift: number
  cusum: CusumOptions
}

export const DEFAULT_WATCH: WatchOptions = {
  ...{ k: 3, n: 5, zOn: 3.5, zOff: 1.5, clearAfter: 5 },
  ...{ leastAbsolute: 0, leastRelative: 0.2, leastDrift: 0.1 },
  cusum: { slack: 0.5, limit: 12 },
}

export interface Watched {
  alarm: { direction: Direction; cause: Cause } | null
  /** Of the last n points: 1 significant above, −1 below, 0 neither. The latest at the end. */
  recent: readonly number[]
  calm: number
  cusum: Cusum
}

export const NOT_WATCHED: Watched = { alarm: null, recent: [], calm: 0, cusum: NO_DRIFT }

/** One point further. `null`: its source is stale, so that nothing is learned, and nothing begins or ends. */
export function watchPoint(watched: Watched, point: Assessment | null, options: WatchOptions): Watched {
  if (point === null) return watched
  const recent = [...watched.recent, significance(point, options)].slice(-options.n)
  const cusum = stepCusum(watched.cusum, point, options.cusum)
  if (watched.alarm === null) {
    const alarm = alarmOf(recent, cusum, options)
    return alarm === null ? { alarm, recent, calm: 0, cusum } : { alarm, recent, calm: 0, cusum: NO_DRIFT }
  }
  const calm = isCalm(point, watched.alarm.direction, options) ? watched.calm + 1 : 0
  // What was before it ended must not count towards the next.
  if (calm >= options.clearAfter) return NOT_WATCHED
  return { alarm: watched.alarm, recent, calm, cusum: NO_DRIFT }
}

function significance({ observed, expected, z }: Assessment, options: WatchOptions): number {
  if (Math.abs(z) < options.zOn || !isLarge(observed, expected, options, options.leastRelative)) return 0
  return Math.sign(z)
}

function isLarge(
  observed: number,
  expected: number,
  { leastAbsolute }: WatchOptions,
  share: number,
): boolean {
  const change = Math.abs(observed - expected)
  return change >= leastAbsolute && change >= share * Math.abs(expected)
}

function alarmOf(recent: readonly number[], cusum: Cusum, options: WatchOptions): Watched['alarm'] {
  const above = recent.filter((one) => one > 0).length
  const below = recent.filter((one) => one < 0).length
  if (below >= options.k && below >= above) return { direction: 'fall', cause: 'level' }
  if (above >= options.k) return { direction: 'rise', cause: 'level' }
  const { limit } = options.cusum
  if (cusum.down > limit && isLarge(cusum.downObserved, cusum.downExpected, options, options.leastDrift))
    return { direction: 'fall', cause: 'drift' }
  if (cusum.up > limit && isLarge(cusum.upObserved, cusum.upExpected, options, options.leastDrift))
    return { direction: 'rise', cause: 'drift' }
  return null
}

/** Back within the lower limit, or gone to the other side. */
function isCalm({ z }: Assessment, direction: Direction, { zOff }: WatchOptions): boolean {
  return direction === 'fall' ? z > -zOff : z < zOff
}
