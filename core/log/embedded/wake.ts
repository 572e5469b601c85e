/**
 * Tells other handles and processes that something changed, by touching a file that they watch. It is a hint only:
 * a touch or an event may be lost, so whoever listens also polls.
 */
import { closeSync, type FSWatcher, futimesSync, mkdirSync, openSync, watch } from 'node:fs'
import { join } from 'node:path'
import { errorMessage } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'

/** What changed: records of any topic, or the members of any group. */
export type WakeKind = 'records' | 'groups'

export interface Wake {
  touch(kind: WakeKind): void
  /** Touches that failed: the others found out by polling. */
  failures(): number
  close(): void
}

export function openWake(folder: string, onWake: (kind: WakeKind) => void, logger: Logger): Wake {
  const wakeFolder = join(folder, 'wake')
  mkdirSync(wakeFolder, { recursive: true })
  const files = {
    records: openSync(join(wakeFolder, 'records'), 'a'),
    groups: openSync(join(wakeFolder, 'groups'), 'a'),
  }
  const watcher = watchFolder(wakeFolder, onWake, logger)
  let failures = 0
  return {
    touch: (kind) => {
      const now = Date.now() / 1000
      try {
        futimesSync(files[kind], now, now)
      } catch {
        // The record is safe on disk already; the pollers of the others will see it.
        failures++
      }
    },
    failures: () => failures,
    close: () => {
      watcher?.close()
      closeSync(files.records)
      closeSync(files.groups)
    },
  }
}

/** A system out of watches still works, at the pace of the poll. */
function watchFolder(
  folder: string,
  onWake: (kind: WakeKind) => void,
  logger: Logger,
): FSWatcher | undefined {
  const warn = (error: unknown) =>
    logger.warn('The log cannot watch its folder and polls instead', { folder, error: errorMessage(error) })
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === 'records' || name === 'groups') onWake(name)
    })
    watcher.on('error', warn)
    return watcher
  } catch (error) {
    warn(error)
    return undefined
  }
}
