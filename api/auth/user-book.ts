/** The users as their file has them now: looked at again at most four times a second, when somebody asks. */
import { fileState } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { readUsers, type StoredUser } from './user-file.ts'

export interface UserBook {
  find(name: string): StoredUser | undefined
  /** Whether anybody must log in: there is a file, or there was one, or there was to be one. */
  areWanted(): boolean
  /** Another one after each change. */
  state(): string
}

export interface UserBookOptions {
  path: string
  /** Logins are wanted without a file too. */
  wanted: boolean
  clock: Clock
  logger: Logger
}

const LOOK_INTERVAL_MS = 250

/** Throws `USERS_UNREADABLE` where the file is bad from the beginning: to go on without it would let everybody in. */
export function openUserBook({ path, wanted, clock, logger }: UserBookOptions): UserBook {
  let lookedAtMs = clock.now()
  let seen = fileState(path)
  let users = byName(readUsers(path))
  let isWanted = wanted || users !== undefined

  /**
   * A file that went bad leaves in those who were let in before. One that is gone shuts everybody out: by a slip of a hand
   * the wall must not be opened to all. Only a start without it does that.
   */
  function look(): void {
    if (Math.abs(clock.now() - lookedAtMs) < LOOK_INTERVAL_MS) return
    lookedAtMs = clock.now()
    const state = fileState(path)
    if (state === seen) return
    try {
      users = byName(readUsers(path))
      isWanted ||= users !== undefined
    } catch (error) {
      logger.error('the file of users is left as it was read before', { why: errorMessage(error) })
    }
    seen = state
  }

  return {
    find(name) {
      look()
      return users?.get(name)
    },
    areWanted() {
      look()
      return isWanted
    },
    state() {
      look()
      return seen
    },
  }
}

function byName(users: StoredUser[] | undefined): ReadonlyMap<string, StoredUser> | undefined {
  return users && new Map(users.map((user) => [user.name, user]))
}
