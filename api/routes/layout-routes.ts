/** Walls and playlists of a tenant: who sees its wall reads them, its admins change them. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { name } from '../../core/contracts/fields.ts'
import { DEFAULT_WALL } from '../../core/contracts/wall-tiles.ts'
import {
  MAX_PLAYLISTS,
  MAX_WALLS,
  playlist,
  type TenantWalls,
  wallLayout,
  wallName,
  wallsAnswer,
} from '../../core/contracts/walls.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { ApiError } from '../api-error.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute } from '../define-route.ts'
import type { WallBook } from '../walls/wall-book.ts'

export interface LayoutContext {
  walls: WallBook
  logger: Logger
}

const version = z.string().max(100).nullable().describe('Of what is changed; null: it is not there yet.')
const saved = z.object({ version: z.string() })

export function layoutRoutes(app: FastifyInstance, context: LayoutContext): void {
  const { walls, logger } = context

  defineRoute(app, {
    url: '/api/v1/walls',
    summary: 'Walls and playlists',
    description:
      'The walls of this tenant besides the built-in one: tiles by size in reading order, on 12 columns; and which TVs show one after the other.',
    query: z.object({}),
    answer: wallsAnswer,
    handle: (_query, { tenant }) => {
      const own = walls.of(tenant)
      return {
        ...{ tenant, isCurrent: walls.isCurrent() },
        walls: listOf(own.walls),
        playlists: listOf(own.playlists),
      }
    },
  })

  const change = async (
    { tenant, subject }: { tenant: string; subject: string },
    what: object,
    work: (own: TenantWalls) => TenantWalls,
  ) => {
    await refusing(() => walls.change(tenant, work))
    logger.info('the walls were changed', { tenant, by: subject, ...what })
  }

  defineAction(app, {
    url: '/api/v1/walls/save',
    summary: 'Save a wall',
    description: 'New, or in the place of the version that is named.',
    role: 'admin',
    mayLocally: true,
    body: z.object({ name: wallName, version, wall: wallLayout }),
    answer: saved,
    async handle({ name, version, wall }, principal) {
      await change(principal, { wall: name }, (own) => {
        requireVersion(own.walls, name, version)
        return { ...own, walls: within({ ...own.walls, [name]: wall }, MAX_WALLS) }
      })
      return { version: versionOf(wall) }
    },
  })

  defineAction(app, {
    url: '/api/v1/walls/remove',
    summary: 'Remove a wall',
    description: 'Screens that show it go on with the built-in one, playlists without it.',
    role: 'admin',
    mayLocally: true,
    body: z.object({ name: wallName, version: version.unwrap() }),
    answer: z.object({}),
    async handle({ name, version }, principal) {
      await change(principal, { removed: name }, (own) => {
        requireVersion(own.walls, name, version)
        const { [name]: _, ...others } = own.walls
        return { ...own, walls: others }
      })
      return {}
    },
  })

  defineAction(app, {
    url: '/api/v1/playlists/save',
    summary: 'Save a playlist',
    description: 'New, or in the place of the version that is named; null as the playlist removes it.',
    role: 'admin',
    mayLocally: true,
    body: z.object({ name, version, playlist: playlist.nullable() }),
    answer: z.object({ version: z.string().nullable() }),
    async handle({ name, version, playlist }, principal) {
      await change(principal, { playlist: name }, (own) => {
        requireVersion(own.playlists, name, version)
        const { [name]: _, ...others } = own.playlists
        if (playlist === null) return { ...own, playlists: others }
        requireWalls(own, playlist.walls)
        return { ...own, playlists: within({ ...own.playlists, [name]: playlist }, MAX_PLAYLISTS) }
      })
      return { version: playlist === null ? null : versionOf(playlist) }
    },
  })
}

function listOf<Value extends object>(all: Readonly<Record<string, Value>>) {
  return Object.entries(all).map(([name, value]) => ({ name, version: versionOf(value), ...value }))
}

/** Of the content, as the schema orders it. */
function versionOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

function requireVersion(all: Readonly<Record<string, object>>, name: string, expected: string | null): void {
  const now = Object.hasOwn(all, name) ? versionOf(all[name]!) : null
  if (now === expected) return
  const what = now === null ? 'is not there any more' : expected === null ? 'is there already' : 'was changed'
  throw new ApiError('CONFLICT', `${name} ${what}; read it anew.`)
}

function requireWalls({ walls }: TenantWalls, names: readonly string[]): void {
  for (const [at, word] of names.entries())
    if (word !== DEFAULT_WALL && !Object.hasOwn(walls, word))
      throw new ApiError('BAD_REQUEST', `playlist.walls.${at}: there is no wall ${word}`)
}

function within<All extends object>(all: All, max: number): All {
  if (Object.keys(all).length > max) throw new ApiError('CONFLICT', `There can be ${max} of them.`)
  return all
}

/** Where the file lies, and what others have in it, is told to the log and to `revwall doctor`. */
async function refusing(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    if (errorCode(cause) === 'WALLS_UNREADABLE')
      throw new ApiError('CONFLICT', 'The file of walls has a fault; `revwall doctor` says where.', { cause })
    if (errorCode(cause) === 'WALLS_BUSY')
      throw new ApiError('BUSY', 'Somebody else changes the walls; try again in a second.', { cause })
    throw cause
  }
}
