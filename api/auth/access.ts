/**
 * Who has access: users by their file, screens and shares by the store, and the sessions of all of them. The rules of
 * how long what holds stand here.
 */
import { join } from 'node:path'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { type AccessStore, type Changes, openAccessStore, type Session } from './access-store.ts'
import { createSecret, hashOf } from './tokens.ts'
import { openUserBook, type UserBook } from './user-book.ts'
import type { StoredUser } from './user-file.ts'

const HOUR_MS = 3_600_000
/** A user who did not look at the wall for so long logs in again; so does everybody after the longer time. */
export const USER_IDLE_MS = 24 * HOUR_MS
export const USER_SESSION_MS = 14 * 24 * HOUR_MS
/** A screen is there until it is revoked; browsers keep a cookie for 400 days and get it anew with each start. */
export const SCREEN_SESSION_MS = 10 * 365 * 24 * HOUR_MS
/** Each use counts, but not each is written down. */
const SEEN_INTERVAL_MS = 60_000
/** Of the least recently used the session ends when there are more. */
const MAX_SESSIONS = 5_000
const MAX_SESSIONS_EACH = 50

export interface Access {
  readonly users: UserBook
  readonly store: AccessStore
  /** Without logins whoever is on this machine may look. */
  areLoginsWanted(): boolean
  /** Another one whenever somebody's access may have ended. */
  state(): string
  /** A new session; the secret is for its cookie and kept nowhere. */
  begin(kind: Session['kind'], of: string, options: BeginOptions): { secret: string; expiresAt: number }
  /** The session of a secret, if it still holds, by the key that `end` and `find` take. */
  find(key: string): Session | undefined
  end(key: string): void
  /** It is in use. */
  see(key: string, session: Session): void
  close(): Promise<void>
}

export interface BeginOptions {
  forMs: number
  stamp?: string
}

export interface AccessOptions {
  dataFolder: string
  usersFile: string
  usersWanted: boolean
  clock: Clock
  logger: Logger
}

export const accessFolder = (dataFolder: string): string => join(dataFolder, 'access')

/** Throws `USERS_UNREADABLE`. */
export function openAccess({ dataFolder, usersFile, usersWanted, clock, logger }: AccessOptions): Access {
  const users = openUserBook({ path: usersFile, wanted: usersWanted, clock, logger })
  const store = openAccessStore(accessFolder(dataFolder))

  return {
    users,
    store,
    areLoginsWanted: users.areWanted,
    state: () => `${store.version()}/${users.state()}`,
    begin(kind, of, { forMs, stamp = '' }) {
      const secret = createSecret()
      const now = clock.now()
      const expiresAt = now + forMs
      store.change((tables) => {
        makeRoom(tables, { kind, of, now })
        tables.put('session', hashOf(secret), { kind, of, stamp, createdAt: now, expiresAt })
      })
      return { secret, expiresAt }
    },
    find(key) {
      const session = store.get('session', key)
      return session !== undefined && holds({ users, store }, key, session, clock.now()) ? session : undefined
    },
    end: (key) => store.change((tables) => tables.remove('session', key)),
    see(key, { kind, of }) {
      const now = clock.now()
      if (now - (store.seenAt(key) ?? 0) < SEEN_INTERVAL_MS) return
      store.setSeen(key, now)
      if (kind !== 'user') store.setSeen(of, now)
    },
    close: store.close,
  }
}

/** Of a password: a session of another one is over. */
export function stampOf({ password }: StoredUser): string {
  return hashOf(password).slice(0, 16)
}

type Sources = Pick<Access, 'users' | 'store'>

function holds({ users, store }: Sources, key: string, session: Session, now: number): boolean {
  if (now >= session.expiresAt) return false
  if (session.kind === 'screen') return store.get('screen', session.of) !== undefined
  if (session.kind === 'share') return now < (store.get('share', session.of)?.expiresAt ?? 0)
  const user = users.find(session.of)
  const idleSince = store.seenAt(key) ?? session.createdAt
  return user !== undefined && stampOf(user) === session.stamp && now - idleSince < USER_IDLE_MS
}

/** Ends what is over by its time, and the least recently used beyond the bounds; a screen only for its own. */
function makeRoom(tables: Changes, { kind, of, now }: { kind: string; of: string; now: number }): void {
  const age = (key: string, value: Session) => tables.seenAt(key) ?? value.createdAt
  const all = tables.all('session')
  const over = all.filter(({ value }) => value.expiresAt <= now)
  const alive = all
    .filter(({ value }) => value.expiresAt > now)
    .sort((a, b) => age(a.key, a.value) - age(b.key, b.value))
  const own = alive.filter(({ value }) => value.kind === kind && value.of === of)
  const beyondOwn = own.slice(0, Math.max(0, own.length - MAX_SESSIONS_EACH + 1))
  const others = alive.filter(({ value }) => value.kind !== 'screen')
  const beyondAll = others.slice(0, Math.max(0, alive.length - MAX_SESSIONS + 1))
  for (const { key } of [...over, ...beyondOwn, ...beyondAll]) tables.remove('session', key)
}
