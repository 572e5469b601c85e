/**
 * Space put by for trims. Removing needs some pages first (LMDB writes changed pages elsewhere, and the list of those
 * it freed); on a disk with no block left a log could not be made smaller. So a file holds the space, and is given
 * up when a trim needs it.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode, errorMessage } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import { TRIM_RESERVE_BYTES } from './limits.ts'

/** Makes the file when it is not there. A log on a full disk goes on without. */
export function keepReserve(folder: string, logger: Logger): void {
  const path = join(folder, 'reserve')
  if (statSync(path, { throwIfNoEntry: false })?.size === TRIM_RESERVE_BYTES) return
  try {
    writeFileSync(path, Buffer.alloc(TRIM_RESERVE_BYTES))
  } catch (error) {
    rmSync(path, { force: true })
    logger.warn('The log has no reserve for trims: free some space', { folder, error: errorMessage(error) })
  }
}

/** Does the work again with the reserve given up when the disk is full. */
export function withReserve<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (errorCode(error) !== 'LOG_FULL') throw error
    rmSync(join(folder, 'reserve'), { force: true })
    return work()
  }
}
