/** Which walls the address asks for: `?wall=hall`, or `?play=tour` for one after the other. */
import type { Axis } from '../../../core/contracts/tiles.ts'
import { DEFAULT_WALL } from '../../../core/contracts/wall-tiles.ts'
import type { WallLayout, WallsAnswer } from '../../../core/contracts/walls.ts'

export interface Page {
  name: string
  /** Null: the built-in wall. */
  layout: WallLayout | null
}

export interface Shown {
  /** At least one. */
  pages: readonly [Page, ...Page[]]
  seconds: number
  /** What was asked for and is not there; null: all is. */
  missing: string | null
}

const BUILT_IN: Page = { name: DEFAULT_WALL, layout: null }

/** Whether the walls have to be known at all. */
export function wantsWalls(query: URLSearchParams): boolean {
  return query.has('play') || (query.get('wall') ?? DEFAULT_WALL) !== DEFAULT_WALL
}

/** Without `walls` what is there is not known. */
export function shownPages(query: URLSearchParams, walls: WallsAnswer | null): Shown {
  const play = query.get('play')
  const name = query.get('wall') ?? DEFAULT_WALL
  if (!wantsWalls(query) || walls === null) return { pages: [BUILT_IN], seconds: 0, missing: null }
  const find = (wanted: string): Page[] => {
    if (wanted === DEFAULT_WALL) return [BUILT_IN]
    const layout = walls.walls.find((wall) => wall.name === wanted)
    return layout === undefined ? [] : [{ name: wanted, layout }]
  }
  const list = play === null ? undefined : walls.playlists.find((one) => one.name === play)
  const [first, ...others] = play === null ? find(name) : (list?.walls ?? []).flatMap(find)
  if (first === undefined) return { pages: [BUILT_IN], seconds: 0, missing: play ?? name }
  return { pages: [first, ...others], seconds: list?.seconds ?? 0, missing: null }
}

/** What the address says, else the wall, else the day of booking. */
export function axisOf(query: URLSearchParams, { layout }: Page): Axis {
  const asked = query.get('axis')
  return asked === 'sale' || asked === 'booked' ? asked : (layout?.axis ?? 'booked')
}
