/** What of the page stands in its address: the axis, what is open over the wall, and whether a TV shows it. */
import type { Axis } from '../../../core/contracts/tiles.ts'
import { type Night, parseNight } from '../tv/night.ts'

export interface Place {
  axis: Axis
  /** A dialog by its name; `proof-` and a tile for the proof of one. Null: the wall alone. */
  panel: string | null
  tv: boolean
  /** Streamer mode: single orders' amounts are not shown. */
  hidden: boolean
  /** When the TV is dimmed; null: never. */
  night: Night | null
}

export function readPlace(search: string): Place {
  const query = new URLSearchParams(search)
  return {
    axis: query.get('axis') === 'sale' ? 'sale' : 'booked',
    panel: query.get('panel') || null,
    tv: query.has('tv'),
    hidden: query.has('hide'),
    night: parseNight(query.get('dim')),
  }
}

/** `more`: parameters of what is open, by name; null: not there any more. */
export type PlaceChange = Partial<Pick<Place, 'axis' | 'panel' | 'tv' | 'hidden'>> & {
  more?: Readonly<Record<string, string | null>>
}

/** The address's query with `change` in it; the tenant and whatever else it says stay. */
export function writePlace(search: string, change: PlaceChange): string {
  const query = new URLSearchParams(search)
  const put = (name: string, value: string | null) =>
    value === null ? query.delete(name) : query.set(name, value)
  if (change.axis !== undefined) put('axis', change.axis === 'sale' ? 'sale' : null)
  if (change.panel !== undefined) put('panel', change.panel)
  if (change.tv !== undefined) put('tv', change.tv ? '' : null)
  if (change.hidden !== undefined) put('hide', change.hidden ? '' : null)
  for (const [name, value] of Object.entries(change.more ?? {})) put(name, value)
  // `?tv` as people write it, not `?tv=`.
  const text = query.toString().replace(/(^|&)(tv|hide)=(?=&|$)/g, '$1$2')
  return text === '' ? '' : `?${text}`
}
