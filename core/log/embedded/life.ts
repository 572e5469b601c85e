/**
 * One life of the log: a random incarnation, kept inside the data file and in `log.json` beside it. The marker is
 * written before the first open returns, so before anything can be acknowledged: where it lies there was a log, and
 * a data file that is missing, empty or another's is a loss, not a new log.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RevwallError } from '../../runtime/errors.ts'
import { checkDataFile } from './data-file.ts'
import { LOCK_FILE_BYTES, MIN_FREE_BYTES_TO_CREATE } from './limits.ts'
import { asLogError, freeBytes } from './log-errors.ts'
import { readMarker, writeMarker } from './marker.ts'
import { DATA_FILE, LOCK_FILE, type Store } from './store.ts'

/** Before LMDB sees the folder. Returns the incarnation it must have, undefined for a new log. */
export function prepareFolder(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true })
    const incarnation = readMarker(folder)
    const path = join(folder, DATA_FILE)
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (bytes > 0) checkDataFile(path)
    else if (incarnation !== undefined) throw lost(folder, `${path} is missing or empty`)
    else if (freeBytes(folder) < MIN_FREE_BYTES_TO_CREATE) throw noSpace(folder)
    writeLockFile(folder)
    return incarnation
  } catch (error) {
    throw asLogError(error, folder)
  }
}

/** After LMDB opened it: makes the incarnation, or checks it. Whichever process is first makes it. */
export function claimLife(store: Store, expected: string | undefined): string {
  const { folder } = store
  const incarnation =
    store.snapshot(() => stored(store)) ?? store.transact(() => stored(store) ?? create(store, expected))
  if (expected !== undefined && incarnation !== expected)
    throw lost(folder, `${DATA_FILE} belongs to another log`)
  if (expected === undefined) writeMarker(folder, incarnation)
  return incarnation
}

function stored(store: Store): string | undefined {
  return store.meta.get(['incarnation']) as string | undefined
}

function create(store: Store, expected: string | undefined): string {
  if (expected !== undefined) throw lost(store.folder, `${DATA_FILE} holds no log`)
  const incarnation = randomUUID()
  store.meta.put(['incarnation'], incarnation)
  return incarnation
}

/**
 * LMDB makes its lock file with a hole and writes to it through a map: on a full disk that kills the process (SIGBUS)
 * instead of failing. So the file is made here, with real blocks, and linked whole: no process sees half of it.
 */
function writeLockFile(folder: string): void {
  const path = join(folder, LOCK_FILE)
  if (existsSync(path)) return
  const temporary = `${path}.${randomUUID()}`
  try {
    writeFileSync(temporary, Buffer.alloc(LOCK_FILE_BYTES))
    linkSync(temporary, path)
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function lost(folder: string, why: string): RevwallError {
  const message = `The log in ${folder} is lost: ${why}. Restore the folder; only if the log may be begun anew, delete it.`
  return new RevwallError('LOG_CORRUPT', message)
}

function noSpace(folder: string): RevwallError {
  return new RevwallError(
    'LOG_FULL',
    `No space to make a log in ${folder}: free ${MIN_FREE_BYTES_TO_CREATE} bytes.`,
  )
}
