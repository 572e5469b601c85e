/** Copies a log that others may be writing to: one read transaction, so that the copy is the log as it was at one moment. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { RevwallError } from '../../runtime/errors.ts'
import { asLogError } from './log-errors.ts'
import { readMarker, writeMarker } from './marker.ts'
import { DATA_FILE } from './store.ts'

/**
 * Into the folder `to`, which is made and must hold no log; without the pages that are free. While it copies, pages that
 * are freed are not used again: the log grows by what is written meanwhile.
 * Errors: `LOG_UNKNOWN` (there is none), `LOG_FULL` (no space for the copy), `LOG_CORRUPT`.
 */
export async function copyLog(from: string, to: string): Promise<void> {
  const incarnation = readMarker(from)
  if (incarnation === undefined) throw new RevwallError('LOG_UNKNOWN', `There is no log in ${from}.`)
  mkdirSync(to, { recursive: true, mode: 0o700 })
  const target = join(to, DATA_FILE)
  try {
    const root = open({ path: join(from, DATA_FILE), noSubdir: true, readOnly: true, maxDbs: 4 })
    try {
      await root.backup(target, true)
    } finally {
      await root.close()
    }
    const file = openSync(target, 'r')
    fsyncSync(file)
    closeSync(file)
  } catch (error) {
    throw asLogError(error, to)
  }
  // Last: where it lies the copy is whole.
  writeMarker(to, incarnation)
}
