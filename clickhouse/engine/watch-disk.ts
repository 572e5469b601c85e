/**
 * What a disk that fills up does to ClickHouse (26.7), and what is done about it.
 *
 * A merge that meets the last byte is committed all the same, with marks that were never written, and from then on nobody can
 * read that table (CORRUPTED_DATA). What it was merged from stays for eight minutes, and a start of the server goes back to
 * that by itself. So while the disk is nearly full, and a minute behind, the marks of new parts are looked at; where some are
 * empty the server is started again, as soon as there is room to start in.
 */
import type { Dirent } from 'node:fs'
import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'

/** ClickHouse begins nothing on a disk with less. */
export const KEPT_FREE_BYTES = 256 * 2 ** 20
const LOOK_MS = 1_000
/** A merge that began before goes on for so long. */
const WATCH_BEHIND_MS = 60_000
const ROOM_TO_START_BYTES = 32 * 2 ** 20

export interface WatchDiskOptions {
  /** Of the engine. */
  folder: string
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Ends the server; it is started again. */
  restart(): void
}

/** Resolves when the signal came. */
export async function watchDisk({ folder, clock, logger, signal, restart }: WatchDiskOptions): Promise<void> {
  /** The server was started again because of them. */
  const known = new Set<string>()
  let low: { sinceMs: number; untilMs: number } | undefined
  while (!signal.aborted) {
    const free = await freeBytes(folder)
    const nowMs = clock.now()
    if (free < KEPT_FREE_BYTES) {
      if (low === undefined)
        logger.error('the disk is nearly full: ClickHouse begins nothing', { free, folder })
      low = { sinceMs: low?.sinceMs ?? nowMs, untilMs: nowMs + WATCH_BEHIND_MS }
    }
    if (low !== undefined && free >= ROOM_TO_START_BYTES) {
      const damaged = (await partsWithoutMarks(folder, low.sinceMs - WATCH_BEHIND_MS)).filter(
        (part) => !known.has(part),
      )
      if (damaged.length > 0) {
        logger.error('ClickHouse wrote what cannot be read on the full disk; it is started again', {
          damaged,
        })
        for (const part of damaged) known.add(part)
        restart()
      }
    }
    if (low !== undefined && nowMs > low.untilMs) low = undefined
    await clock.sleep(LOOK_MS, signal)
  }
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    // The folder is being removed.
    return Number.POSITIVE_INFINITY
  }
}

/** Folders of parts, `…/uuid/part`, that were made since and have an empty file of marks. */
async function partsWithoutMarks(folder: string, sinceMs: number): Promise<string[]> {
  const found: string[] = []
  const store = join(folder, 'store', 'store')
  for (const prefix of await foldersIn(store))
    for (const table of await foldersIn(join(store, prefix)))
      for (const part of await foldersIn(join(store, prefix, table))) {
        if (part === 'detached' || part.startsWith('tmp')) continue
        const path = join(store, prefix, table, part)
        if (await lacksMarks(path, sinceMs)) found.push(path)
      }
  return found
}

async function lacksMarks(path: string, sinceMs: number): Promise<boolean> {
  try {
    if ((await stat(path)).mtimeMs < sinceMs) return false
    const files = await readdir(path)
    for (const file of files)
      if (/\.c?mrk\d?$/.test(file) && (await stat(join(path, file))).size === 0) return true
  } catch {
    // It was merged away meanwhile.
  }
  return false
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => [])
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
}
