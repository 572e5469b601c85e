/** What is done to the tiles of a wall: each gives other tiles back, or the same ones where it cannot be done. */
import {
  GRID_COLUMNS,
  MAX_TILE_ROWS,
  type PlacedTile,
  TILE_SIZES,
  type TileName,
} from '../../../../core/contracts/wall-tiles.ts'
import { moveItem } from '../move-item.ts'
import { placeTiles, type Spot } from '../place-tiles.ts'

export type Tiles = readonly PlacedTile[]
export type Direction = 'left' | 'right' | 'up' | 'down'

/** What the built-in wall has; where somebody begins. */
const FIRST: readonly TileName[] = [
  ...(['hero', 'orders', 'ticket', 'customers', 'units', 'refunds', 'margin'] as const),
  ...(['products', 'countries', 'latest'] as const),
]
export const FIRST_TILES: Tiles = FIRST.map(tileOf)

export function tileOf(tile: TileName): PlacedTile {
  const { w, h } = TILE_SIZES[tile]
  return { tile, w, h }
}

export const moveTile: (tiles: Tiles, from: number, to: number) => Tiles = moveItem

export function resizeTile(tiles: Tiles, at: number, by: { w: number; h: number }): Tiles {
  const now = tiles[at]
  if (now === undefined) return tiles
  const { minW, minH } = TILE_SIZES[now.tile]
  const next = {
    ...now,
    w: between(now.w + by.w, minW, GRID_COLUMNS),
    h: between(now.h + by.h, minH, MAX_TILE_ROWS),
  }
  return next.w === now.w && next.h === now.h ? tiles : tiles.with(at, next)
}

/** A wall without any would be none. */
export function removeTile(tiles: Tiles, at: number): Tiles {
  return tiles.length > 1 && at in tiles ? tiles.toSpliced(at, 1) : tiles
}

export function addTile(tiles: Tiles, tile: TileName): Tiles {
  return tiles.some((one) => one.tile === tile) ? tiles : [...tiles, tileOf(tile)]
}

/** Whose place a tile takes that goes so: the one before or behind it, or what stands above or below; itself at the rim. */
export function neighbourOf(tiles: Tiles, at: number, direction: Direction): number {
  if (direction === 'left') return Math.max(0, at - 1)
  if (direction === 'right') return Math.min(tiles.length - 1, at + 1)
  const spots = placeTiles(tiles)
  const own = spots[at]
  if (own === undefined) return at
  const beside = spots.filter((one) => one !== own && overlap(one, own))
  const next =
    direction === 'up'
      ? beside.findLast((one) => one.row + one.h <= own.row)
      : beside.find((one) => one.row >= own.row + own.h)
  return next === undefined ? at : spots.indexOf(next)
}

const overlap = (one: Spot, other: Spot) =>
  one.column < other.column + other.w && other.column < one.column + one.w
const between = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
