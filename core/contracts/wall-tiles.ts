/** What a wall can be put together of. It imports nothing: the page needs it too, and not what checks it. */

/** A wall is so many columns wide; `SCREEN_ROWS` fill a TV, further ones are scrolled to. */
export const GRID_COLUMNS = 12
export const SCREEN_ROWS = 13
export const MAX_TILE_ROWS = 26
/** Narrower, the hero has its comparisons one below the other. */
export const NARROW_COLUMNS = 8

/** The built-in wall, which no file describes and none may be called. */
export const DEFAULT_WALL = 'default'

export interface TileSize {
  /** Columns and rows that it usually has. */
  w: number
  h: number
  /** Below these its words would be cut. */
  minW: number
  minH: number
}

const STAT: TileSize = { w: 3, h: 3, minW: 2, minH: 3 }
const LIST: TileSize = { w: 4, h: 4, minW: 3, minH: 4 }

export const TILE_SIZES = {
  hero: { w: 6, h: 9, minW: 5, minH: 8 },
  orders: STAT,
  ticket: STAT,
  customers: STAT,
  units: STAT,
  refunds: STAT,
  margin: STAT,
  products: LIST,
  countries: LIST,
  latest: LIST,
  region: LIST,
  channel: LIST,
  state: LIST,
  rep: LIST,
  reps: { w: 5, h: 4, minW: 4, minH: 4 },
  segments: LIST,
  profile: { w: 6, h: 5, minW: 4, minH: 4 },
  map: { w: 6, h: 6, minW: 4, minH: 4 },
  outlook: LIST,
  incidents: { w: 6, h: 4, minW: 4, minH: 4 },
} as const satisfies Readonly<Record<string, TileSize>>

export type TileName = keyof typeof TILE_SIZES
export const TILE_NAMES = Object.keys(TILE_SIZES) as [TileName, ...TileName[]]

/** One tile of a wall; in reading order they fill row after row. */
export interface PlacedTile {
  tile: TileName
  w: number
  h: number
}
