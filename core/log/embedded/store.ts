/**
 * The LMDB environment behind the log: which databases it has, and the only two ways in. `transact` writes: it holds
 * the lock of all processes, and returns when the pages are on disk. `snapshot` reads what is committed now.
 */
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { RevwallError } from '../../runtime/errors.ts'
import type { PartitionBounds } from '../event-log.ts'
import { MAX_READERS } from './limits.ts'
import { asLogError } from './log-errors.ts'

export const DATA_FILE = 'data.mdb'
/** LMDB's name for it. */
export const LOCK_FILE = `${DATA_FILE}-lock`

export type Json = string | number | boolean | null | { [name: string]: Json } | Json[]

export interface Store {
  folder: string
  /** Packed records, by `chunkKey`. */
  chunks: Database<Buffer, Buffer>
  /** What a partition holds, by `partitionKey`. */
  heads: Database<Buffer, Buffer>
  /** Topics, groups and the incarnation, by lists of words. */
  meta: Database<Json, (string | number)[]>
  /** All or nothing; an error thrown inside leaves nothing behind. `bytes` helps to tell a full disk. */
  transact<T>(work: () => T, bytes?: number): T
  /** `work` must not await: a snapshot lasts for one turn. */
  snapshot<T>(work: () => T): T
  readerCheck(): void
  close(): Promise<void>
}

export function openStore(folder: string, mapSizeBytes: number): Store {
  const root = openRoot(folder, mapSizeBytes)
  let isClosed = false
  const guarded = <T>(work: () => T, bytes?: number): T => {
    if (isClosed) throw new RevwallError('LOG_CLOSED', `The log in ${folder} is closed.`)
    try {
      return work()
    } catch (error) {
      throw asLogError(error, folder, bytes)
    }
  }
  return {
    folder,
    ...guarded(() => openDatabases(root)),
    transact: (work, bytes) =>
      guarded(() => root.transactionSync(() => insideTransaction(root, folder, work)), bytes),
    snapshot: (work) =>
      guarded(() => {
        root.resetReadTxn()
        return work()
      }),
    readerCheck: () => guarded(() => void root.readerCheck()),
    close: async () => {
      if (isClosed) return
      isClosed = true
      await root.close()
    },
  }
}

function openRoot(folder: string, mapSizeBytes: number): RootDatabase {
  try {
    return open({
      path: join(folder, DATA_FILE),
      noSubdir: true,
      mapSize: mapSizeBytes,
      maxReaders: MAX_READERS,
      maxDbs: 4,
      // Without it a commit is on disk when it returns: with it, some time later.
      overlappingSync: false,
      // Pages are zeroed before use, so that nothing of this process's memory gets to disk.
      noMemInit: false,
      encoding: 'binary',
    })
  } catch (error) {
    throw asLogError(error, folder)
  }
}

function openDatabases(root: RootDatabase): Pick<Store, 'chunks' | 'heads' | 'meta'> {
  return {
    chunks: root.openDB({ name: 'chunks', keyEncoding: 'binary', encoding: 'binary' }),
    heads: root.openDB({ name: 'heads', keyEncoding: 'binary', encoding: 'binary' }),
    meta: root.openDB({ name: 'meta', encoding: 'json' }),
  }
}

/** LMDB gives no transaction after a fatal write error, and the addon does not say so: the id is 0 then. */
function insideTransaction<T>(root: RootDatabase, folder: string, work: () => T): T {
  if (root.getWriteTxnId() > 0) return work()
  throw new RevwallError('LOG_IO', `The log in ${folder} had a fatal write error: start the process again.`)
}

/** Bounds are two doubles: exact up to 2^53, and offsets end at 2^48. */
export function encodeBounds(bounds: PartitionBounds): Buffer {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeDoubleLE(bounds.first, 0)
  bytes.writeDoubleLE(bounds.next, 8)
  return bytes
}

export function readBounds(store: Store, partitionKey: Buffer): PartitionBounds {
  const bytes = store.heads.get(partitionKey)
  return bytes ? { first: bytes.readDoubleLE(0), next: bytes.readDoubleLE(8) } : { first: 0, next: 0 }
}
