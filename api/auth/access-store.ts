/**
 * What is known of sessions, screens, shares and pairings: a small LMDB folder that all processes on a data folder share,
 * so that a login holds at each of them and over a restart, and what is ended is ended everywhere. Secrets are in it as
 * hashes only.
 */
import { mkdirSync } from 'node:fs'
import { type Database, open } from 'lmdb'
import { createId } from './tokens.ts'

/** Times are ms since the epoch. */
export interface Session {
  kind: 'user' | 'screen' | 'share'
  /** The user's name, the screen's or the share's id. */
  of: string
  /** Of a user's password: another one ends the session. */
  stamp: string
  createdAt: number
  expiresAt: number
}

export interface StoredScreen {
  id: string
  tenant: string
  name: string
  approvedBy: string
  address: string
  createdAt: number
}

export interface StoredShare {
  id: string
  tenant: string
  name: string
  /** Of the link's secret. */
  hash: string
  createdBy: string
  createdAt: number
  expiresAt: number
}

export interface Pairing {
  /** Of what the TV keeps. */
  hash: string
  address: string
  createdAt: number
  expiresAt: number
  /** The screen that it became; null while it waits. */
  screen: string | null
}

interface Kinds {
  session: Session
  screen: StoredScreen
  share: StoredShare
  pairing: Pairing
}
export type Kind = keyof Kinds

export interface AccessStore {
  /** Of this folder: cookies of another wall on the same host have another name. */
  readonly id: string
  /** Grows with everything that may end somebody's access. */
  version(): number
  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined
  all<K extends Kind>(kind: K): { key: string; value: Kinds[K] }[]
  /** When a session, screen or share was used last; null when it never was. */
  seenAt(key: string): number | null
  /** Not waited for: a crash may lose it. */
  setSeen(key: string, atMs: number): void
  /** What was not waited for is there. */
  settled(): Promise<void>
  /** All of it or nothing, on disk when it returns. */
  change<T>(work: (tables: Changes) => T): T
  close(): Promise<void>
}

export interface Changes {
  get<K extends Kind>(kind: K, key: string): Kinds[K] | undefined
  all<K extends Kind>(kind: K): { key: string; value: Kinds[K] }[]
  seenAt(key: string): number | null
  put<K extends Kind>(kind: K, key: string, value: Kinds[K]): void
  /** Tells every process to look again at who is there. */
  remove(kind: Kind, key: string): void
}

const MAP_BYTES = 64 * 2 ** 20
/** Behind every key of a kind. */
const LAST = '\uffff'

type Value = Kinds[Kind] | number | string

export function openAccessStore(folder: string): AccessStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const db: Database<Value, string[]> = open({ path: folder, mapSize: MAP_BYTES, encoding: 'json' })
  db.transactionSync(() => db.get(['id']) ?? db.putSync(['id'], createId()))
  const id = String(db.get(['id']))
  let isClosed = false

  const get = <K extends Kind>(kind: K, key: string) => db.get([kind, key]) as Kinds[K] | undefined
  const all = <K extends Kind>(kind: K) =>
    [...db.getRange({ start: [kind, ''], end: [kind, LAST] })].map(({ key, value }) => ({
      key: key[1]!,
      value: value as Kinds[K],
    }))
  const seenAt = (key: string) => (db.get(['seen', key]) as number | undefined) ?? null
  /** What other processes committed is seen by a reading that begins now. */
  const fresh = <T>(read: () => T): T => {
    db.resetReadTxn()
    return read()
  }
  return {
    id,
    version: () => fresh(() => Number(db.get(['version']) ?? 0)),
    get: (kind, key) => fresh(() => get(kind, key)),
    all: (kind) => fresh(() => all(kind)),
    seenAt: (key) => fresh(() => seenAt(key)),
    setSeen(key, atMs) {
      // Nobody's access depends on it but by the idle limit, and the next use says it again.
      db.put(['seen', key], atMs).catch(() => {})
    },
    async settled() {
      await db.committed
    },
    change: (work) =>
      db.transactionSync(() =>
        work({
          get,
          all,
          seenAt,
          put: (kind, key, value) => void db.putSync([kind, key], value),
          remove(kind, key) {
            db.removeSync([kind, key])
            db.removeSync(['seen', key])
            db.putSync(['version'], Number(db.get(['version']) ?? 0) + 1)
          },
        }),
      ),
    async close() {
      if (isClosed) return
      isClosed = true
      await db.close()
    },
  }
}
