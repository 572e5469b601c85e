/** A small file for its owner's eyes that several processes may change: replaced whole, by one of them at a time. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from './clock.ts'
import { errorCode, RevwallError } from './errors.ts'

const BUSY_RETRIES = 40
const BUSY_RETRY_MS = 50

/**
 * `change` reads the file as it is now and returns what it is to hold. The new file is its own lock: whoever made it is
 * the one who changes, and its renaming lets the next one in. Throws `busyCode` and what `change` throws.
 */
export async function changeFile(options: {
  path: string
  clock: Clock
  busyCode: string
  change: () => string
}): Promise<void> {
  const { path, clock, busyCode, change } = options
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  const file = await openAlone(temporary, clock, busyCode)
  try {
    writeSync(file, change())
    fsyncSync(file)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}

/** Changes with every replacement of the file. */
export function fileState(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? 'none' : `${stat.ino}:${stat.mtimeNs}:${stat.size}`
}

async function openAlone(path: string, clock: Clock, busyCode: string): Promise<number> {
  for (let tries = 0; tries < BUSY_RETRIES; tries++) {
    try {
      return openSync(path, 'wx', 0o600)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      await clock.sleep(BUSY_RETRY_MS)
    }
  }
  const message = `${path} is there: another revwall changes it. If there is none, delete that file.`
  throw new RevwallError(busyCode, message)
}
