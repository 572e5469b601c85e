/**
 * Which of several api processes writes the figures: the guard's token says who wrote last, and whoever has the turn writes
 * at least once a second. When the token stands still for TAKEOVER_AFTER_MS, another one takes the turn. Two that both
 * believe to have it do no harm: the guard lets one of them (guarded-keys.ts).
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from '../../core/redis/connect-redis.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { type KeyChange, readGuard, writeGuarded } from './guarded-keys.ts'

export const BEAT_INTERVAL_MS = 1_000
export const TAKEOVER_AFTER_MS = 5_000
/** Begins the token that a writer leaves who ends in good order: the next one need not wait. */
const FREE = 'free/'

export interface WriterTurn {
  /** Whether it is this one's turn; takes it where it is free. Rejects as `Redis.call`. */
  take(): Promise<'kept' | 'taken' | 'not mine'>
  /** False when another one wrote in between. Rejects as `Redis.call`. After both the turn is lost, and what was written unknown. */
  write(changes: readonly KeyChange[]): Promise<boolean>
  isMine(): boolean
  /** Lets the others have it. */
  leave(): Promise<void>
}

export function createWriterTurn(redis: Redis, clock: Clock): WriterTurn {
  const me = randomUUID()
  let count = 0
  /** The token of the last write of this one's turn; undefined: it is not its turn. */
  let token: string | undefined
  let wroteAtMs = 0
  let seen: { token: string; sinceMs: number } | undefined

  async function move(expected: string, next: string, changes: readonly KeyChange[]): Promise<boolean> {
    token = undefined
    const now = await writeGuarded(redis, { expected, next }, changes)
    if (now !== next) return false
    token = next
    wroteAtMs = clock.now()
    return true
  }

  const nextToken = () => `${me}/${++count}`
  const isFree = (found: string) => found === '' || found.startsWith(FREE) || found.startsWith(me)

  return {
    isMine: () => token !== undefined,
    async take() {
      if (token !== undefined) {
        if (clock.now() - wroteAtMs < BEAT_INTERVAL_MS) return 'kept'
        if (await move(token, nextToken(), [])) return 'kept'
      }
      const found = await readGuard(redis)
      if (seen?.token !== found) seen = { token: found, sinceMs: clock.now() }
      const isStill = clock.now() - seen.sinceMs >= TAKEOVER_AFTER_MS
      if (!isFree(found) && !isStill) return 'not mine'
      return (await move(found, nextToken(), [])) ? 'taken' : 'not mine'
    },
    async write(changes) {
      return token !== undefined && (await move(token, nextToken(), changes))
    },
    async leave() {
      const last = token
      if (last !== undefined) await move(last, FREE + nextToken(), [])
      token = undefined
    },
  }
}
