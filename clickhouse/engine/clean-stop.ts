import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the server was left the last time. After anything but `clean`, views and base may be apart (EXACTNESS.md). */
export type PreviousStop = 'none' | 'clean' | 'unclean'

const fileOf = (folder: string) => join(folder, 'clean-stop')

export function previousStop(folder: string): PreviousStop {
  if (existsSync(fileOf(folder))) return 'clean'
  return existsSync(join(folder, 'store')) ? 'unclean' : 'none'
}

export function markCleanStop(folder: string): void {
  writeFileSync(fileOf(folder), '')
}

/** Before anything is written to the server, so that a crash from here on is seen. */
export function forgetCleanStop(folder: string): void {
  rmSync(fileOf(folder), { force: true })
}
