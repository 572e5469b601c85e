import { GRID_COLUMNS, type PlacedTile } from '../../../core/contracts/wall-tiles.ts'

/** Where a tile stands: the first column and row are 1. */
export interface Spot extends PlacedTile {
  column: number
  row: number
}

/**
 * Each in its order at the first place behind the one before it, row after row and from left to right, as CSS grids do
 * (`grid-auto-flow: row`): what is read first stands first, and a hole stays one.
 */
export function placeTiles(tiles: readonly PlacedTile[]): Spot[] {
  const placed: Spot[] = []
  let [column, row] = [1, 1]
  for (const tile of tiles) {
    while (!isFree(placed, { ...tile, column, row })) {
      column += 1
      if (column + tile.w - 1 <= GRID_COLUMNS) continue
      column = 1
      row += 1
    }
    placed.push({ ...tile, column, row })
  }
  return placed
}

/** For `style:grid-area`. */
export function areaOf({ column, row, w, h }: Spot): string {
  return `${row} / ${column} / span ${h} / span ${w}`
}

function isFree(placed: readonly Spot[], { column, row, w, h }: Spot): boolean {
  if (column + w - 1 > GRID_COLUMNS) return false
  return placed.every(
    (one) =>
      one.column >= column + w ||
      column >= one.column + one.w ||
      one.row >= row + h ||
      row >= one.row + one.h,
  )
}
