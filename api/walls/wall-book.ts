/** The walls as their file has them now: looked at again at most four times a second, when somebody asks. */
import type { TenantWalls } from '../../core/contracts/walls.ts'
import { fileState } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { type AllWalls, changeWalls, readWalls } from './wall-file.ts'

export interface WallBook {
  /** False while the file is bad: what was read before still holds. */
  isCurrent(): boolean
  of(tenant: string): TenantWalls
  /** Of that tenant alone. Throws `WALLS_UNREADABLE`, `WALLS_BUSY` and what `change` throws. */
  change(tenant: string, change: (own: TenantWalls) => TenantWalls): Promise<void>
}

const LOOK_INTERVAL_MS = 250
const NONE: TenantWalls = { walls: {}, playlists: {} }

/** Nobody is shut out by a bad file, not even at the start: there is the built-in wall. */
export function openWallBook({ path, clock, logger }: WallBookOptions): WallBook {
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let seen = ''
  let all: AllWalls = new Map()
  let isCurrent = true

  function look(): void {
    if (Math.abs(clock.now() - lookedAtMs) < LOOK_INTERVAL_MS) return
    lookedAtMs = clock.now()
    const state = fileState(path)
    if (state === seen) return
    try {
      all = readWalls(path)
      isCurrent = true
    } catch (error) {
      isCurrent = false
      logger.error('the walls are left as they were read before', { why: errorMessage(error) })
    }
    seen = state
  }

  return {
    isCurrent() {
      look()
      return isCurrent
    },
    of(tenant) {
      look()
      return all.get(tenant) ?? NONE
    },
    async change(tenant, change) {
      await changeWalls(path, clock, (now) => new Map([...now, [tenant, change(now.get(tenant) ?? NONE)]]))
      lookedAtMs = Number.NEGATIVE_INFINITY
    },
  }
}

export interface WallBookOptions {
  path: string
  clock: Clock
  logger: Logger
}
