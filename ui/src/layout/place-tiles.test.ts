import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  GRID_COLUMNS,
  MAX_TILE_ROWS,
  SCREEN_ROWS,
  TILE_NAMES,
  TILE_SIZES,
} from '../../../core/contracts/wall-tiles.ts'
import {
  addTile,
  FIRST_TILES,
  moveTile,
  neighbourOf,
  removeTile,
  resizeTile,
  type Tiles,
} from './edit/change-tiles.ts'
import { placeTiles } from './place-tiles.ts'

/** Any wall that a file may have. */
const walls: fc.Arbitrary<Tiles> = fc.shuffledSubarray(TILE_NAMES, { minLength: 1 }).chain((names) =>
  fc.tuple(
    ...names.map((tile) =>
      fc.record({
        tile: fc.constant(tile),
        w: fc.integer({ min: TILE_SIZES[tile].minW, max: GRID_COLUMNS }),
        h: fc.integer({ min: TILE_SIZES[tile].minH, max: MAX_TILE_ROWS }),
      }),
    ),
  ),
)
const at = fc.nat({ max: TILE_NAMES.length })

it('fills a screen exactly with the tiles that an edit begins with', () => {
  const spots = placeTiles(FIRST_TILES)
  expect(spots.map(({ tile, column, row }) => `${tile} ${row}/${column}`)).toEqual([
    ...['hero 1/1', 'orders 1/7', 'ticket 1/10', 'customers 4/7', 'units 4/10'],
    ...['refunds 7/7', 'margin 7/10', 'products 10/1', 'countries 10/5', 'latest 10/9'],
  ])
  expect(Math.max(...spots.map(({ row, h }) => row + h - 1))).toBe(SCREEN_ROWS)
})

it('places every tile inside the columns, over no other one, in reading order', () => {
  fc.assert(
    fc.property(walls, (tiles) => {
      const spots = placeTiles(tiles)
      const cells = spots.flatMap(({ column, row, w, h }) =>
        Array.from({ length: w * h }, (_, n) => (row + Math.floor(n / w)) * 100 + column + (n % w)),
      )
      expect(new Set(cells).size).toBe(cells.length)
      expect(spots.every(({ column, w }) => column + w - 1 <= GRID_COLUMNS)).toBe(true)
      const begins = spots.map(({ column, row }) => row * 100 + column)
      expect(begins).toEqual(begins.toSorted((a, b) => a - b))
    }),
  )
})

it('moves a tile and leaves the others in their order; back again is as before', () => {
  fc.assert(
    fc.property(walls, at, at, (tiles, from, to) => {
      const moved = moveTile(tiles, from, to)
      const name = tiles[from]?.tile
      const others = (all: Tiles) => all.filter(({ tile }) => tile !== name)
      expect(others(moved)).toEqual(others(tiles))
      expect(moved).toHaveLength(tiles.length)
      if (moved !== tiles) {
        expect(moved[to]).toEqual(tiles[from])
        expect(moveTile(moved, to, from)).toEqual(tiles)
      }
    }),
  )
})

it('never sizes a tile beyond what it may be, and says so by leaving all as it was', () => {
  const by = fc.record({ w: fc.integer({ min: -30, max: 30 }), h: fc.integer({ min: -30, max: 30 }) })
  fc.assert(
    fc.property(walls, at, by, (tiles, which, step) => {
      const sized = resizeTile(tiles, which, step)
      for (const { tile, w, h } of sized) {
        const { minW, minH } = TILE_SIZES[tile]
        expect([w >= minW, w <= GRID_COLUMNS, h >= minH, h <= MAX_TILE_ROWS]).toEqual(Array(4).fill(true))
      }
      expect(sized.map(({ tile }) => tile)).toEqual(tiles.map(({ tile }) => tile))
      if (JSON.stringify(sized) === JSON.stringify(tiles)) expect(sized).toBe(tiles)
    }),
  )
})

it('removes all but the last tile, and adds each once', () => {
  fc.assert(
    fc.property(walls, at, fc.constantFrom(...TILE_NAMES), (tiles, which, name) => {
      expect(removeTile(tiles, which).length).toBe(
        tiles.length - (tiles.length > 1 && which < tiles.length ? 1 : 0),
      )
      const more = addTile(tiles, name)
      expect(more.filter(({ tile }) => tile === name)).toHaveLength(1)
      expect(new Set(more.map(({ tile }) => tile)).size).toBe(more.length)
    }),
  )
})

it('goes to what stands beside, above and below, and stays at the rim', () => {
  const go = (from: string, direction: 'left' | 'right' | 'up' | 'down') => {
    const place = FIRST_TILES.findIndex(({ tile }) => tile === from)
    return FIRST_TILES[neighbourOf(FIRST_TILES, place, direction)]!.tile
  }
  expect([go('units', 'up'), go('units', 'down'), go('units', 'left'), go('units', 'right')]).toEqual([
    ...['ticket', 'margin', 'customers', 'refunds'],
  ])
  expect([go('hero', 'down'), go('products', 'up'), go('hero', 'up'), go('latest', 'right')]).toEqual([
    ...['products', 'hero', 'hero', 'latest'],
  ])
})
