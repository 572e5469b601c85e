/**
 * The log on LMDB, in one folder of a local disk. Any number of handles, threads' main loops and processes of one
 * machine may use the folder at the same time. One append is one transaction, on disk when it resolves.
 */
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { type Logger, silentLogger } from '../../runtime/logger.ts'
import type { EventLog } from '../event-log.ts'
import { createEmbeddedLog } from './embedded-log.ts'
import { claimLife, prepareFolder } from './life.ts'
import {
  DEFAULT_MAP_SIZE_BYTES,
  DEFAULT_POLL_INTERVAL_MS,
  DEFAULT_READER_CHECK_INTERVAL_MS,
  DEFAULT_SESSION_TIMEOUT_MS,
} from './limits.ts'
import { openStore, type Store } from './store.ts'

export interface EmbeddedLogOptions {
  /** A local folder (no network file system), made when it is not there. */
  folder: string
  clock?: Clock
  logger?: Logger
  /** Address space reserved for the data file; more than the log will ever have is free of charge. */
  mapSizeBytes?: number
  /** How long an append of another process may go unnoticed when its wake-up is lost. */
  pollIntervalMs?: number
  /** How often the read slots of processes that died are freed: until then they pin deleted pages. */
  readerCheckIntervalMs?: number
  /** A group's member that has not been heard of for this long loses its partitions. */
  sessionTimeoutMs?: number
}

/**
 * Errors: `LOG_CORRUPT` when the folder held a log and its data file is missing, cut off or damaged (it is never
 * begun anew by itself); `LOG_FULL` when there is no space to make it.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const { folder, mapSizeBytes = DEFAULT_MAP_SIZE_BYTES } = options
  const expected = prepareFolder(folder)
  const store = openStore(folder, mapSizeBytes)
  return createEmbeddedLog(store, await claimOrClose(store, expected), {
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    pollIntervalMs: options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS,
    readerCheckIntervalMs: options.readerCheckIntervalMs ?? DEFAULT_READER_CHECK_INTERVAL_MS,
    sessionTimeoutMs: options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
  })
}

async function claimOrClose(store: Store, expected: string | undefined): Promise<string> {
  try {
    return claimLife(store, expected)
  } catch (error) {
    await store.close()
    throw error
  }
}
