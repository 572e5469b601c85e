/** Who may push, as the file of keys has it now: looked at again at most twice a second, when somebody asks. */
import { fileState } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { hashKey, keyId, sameHash } from './api-key.ts'
import { IngestError } from './ingest-error.ts'
import { readKeys, type StoredKey } from './key-file.ts'

/** What a key says: its id, which may be told, and whose orders come with it. */
export interface KeyOwner {
  id: string
  tenant: string
}

export interface KeyBook {
  /** Undefined for a key that is unknown or revoked. Throws `KEYS_UNAVAILABLE`. */
  find(key: string): KeyOwner | undefined
}

const LOOK_INTERVAL_MS = 500
/** Compared with where an id is unknown, so that the answer takes as long. */
const NO_HASH = '0'.repeat(64)

export function openKeyBook(options: { path: string; clock: Clock; logger: Logger }): KeyBook {
  const { path, clock, logger } = options
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let seen = ''
  let keys: ReadonlyMap<string, StoredKey> | undefined

  /** A file that went bad does not shut out those who were let in before; one that is gone does. */
  function look(): void {
    lookedAtMs = clock.now()
    const state = fileState(path)
    if (state === seen) return
    try {
      keys = new Map(readKeys(path).map((key) => [key.id, key]))
    } catch (error) {
      logger.error('the file of ingest keys is left as it was read before', { why: errorMessage(error) })
    }
    seen = state
  }

  return {
    find(text) {
      if (Math.abs(clock.now() - lookedAtMs) >= LOOK_INTERVAL_MS) look()
      if (keys === undefined)
        throw new IngestError('KEYS_UNAVAILABLE', 'The keys cannot be read at the moment; the log says why.')
      const stored = keys.get(keyId(text) ?? '')
      const matches = sameHash(hashKey(text), stored?.hash ?? NO_HASH)
      if (stored === undefined || !matches || stored.revokedAt !== null) return undefined
      return { id: stored.id, tenant: stored.tenant }
    },
  }
}
