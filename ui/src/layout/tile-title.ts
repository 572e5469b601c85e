import type { TileName } from '../../../core/contracts/wall-tiles.ts'
import { messages } from '../messages.ts'
import { isStat } from '../tiles/stat-names.ts'

/** What a tile is called where it is spoken of. */
export function tileTitle(name: TileName): string {
  if (isStat(name)) return messages.tiles[name]
  if (name === 'hero') return messages.hero.title('')
  if (name === 'products' || name === 'countries' || name === 'latest') return messages.lists[name]
  return messages.layout.tiles[name]
}
