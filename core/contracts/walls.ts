/** The walls and playlists of a tenant, as `walls.json` has them and as they go over the wire. */
import { z } from 'zod'
import { givenName } from './access.ts'
import { name } from './fields.ts'
import { AXES } from './tiles.ts'
import { DEFAULT_WALL, GRID_COLUMNS, MAX_TILE_ROWS, TILE_NAMES, TILE_SIZES } from './wall-tiles.ts'
import { text } from './wire.ts'

export const MAX_WALLS = 50
export const MAX_PLAYLISTS = 20
/** Shorter, and nobody has read what is shown. */
export const MIN_SECONDS = 5
export const MAX_SECONDS = 3_600

const placedTile = z
  .strictObject({
    tile: z.enum(TILE_NAMES),
    w: z.int().max(GRID_COLUMNS),
    h: z.int().max(MAX_TILE_ROWS),
  })
  .superRefine(({ tile, w, h }, context) => {
    const { minW, minH } = TILE_SIZES[tile]
    if (w < minW) context.addIssue({ code: 'custom', path: ['w'], message: `${tile} takes at least ${minW}` })
    if (h < minH) context.addIssue({ code: 'custom', path: ['h'], message: `${tile} takes at least ${minH}` })
  })

export const wallName = name.refine((word) => word !== DEFAULT_WALL, `${DEFAULT_WALL} is the built-in wall`)

export const wallLayout = z.strictObject({
  title: givenName,
  tiles: z
    .array(placedTile)
    .min(1)
    .max(TILE_NAMES.length)
    .refine((all) => new Set(all.map(({ tile }) => tile)).size === all.length, 'each tile once'),
  /** Which days changes count on, where the address does not say. */
  axis: z.enum(AXES).optional(),
  /** Single orders' amounts are never shown on it. */
  hidden: z.boolean().optional(),
})
export type WallLayout = z.infer<typeof wallLayout>

/** `default` among its walls is the built-in one. A wall that is not there is passed over. */
export const playlist = z.strictObject({
  walls: z.array(name).min(1).max(MAX_WALLS),
  /** That each is shown. */
  seconds: z.int().min(MIN_SECONDS).max(MAX_SECONDS),
})
export type Playlist = z.infer<typeof playlist>

const bounded = <Value extends z.ZodType>(key: z.ZodType<string, string>, value: Value, max: number) =>
  z.record(key, value).refine((all) => Object.keys(all).length <= max, `at most ${max}`)

export const tenantWalls = z.strictObject({
  walls: bounded(wallName, wallLayout, MAX_WALLS).default({}),
  playlists: bounded(name, playlist, MAX_PLAYLISTS).default({}),
})
export type TenantWalls = z.infer<typeof tenantWalls>

/** `version` is another one with every change; a save says which one it changes. */
const named = { name: text, version: text }
export const wallsAnswer = z.object({
  tenant: text,
  /** False: the file cannot be read; these are those of before. */
  isCurrent: z.boolean(),
  walls: z.array(z.object({ ...named, ...wallLayout.shape })),
  playlists: z.array(z.object({ ...named, ...playlist.shape })),
})
export type WallsAnswer = z.infer<typeof wallsAnswer>
