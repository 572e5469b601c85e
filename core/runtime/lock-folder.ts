/**
 * One `up` a data folder. A file holds the owner's pid and when that process began, so that a pid that was used again
 * does not count; a lock whose owner is gone is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode, RevwallError } from './errors.ts'

const FILE = 'up.lock'

export interface Addresses {
  /** Of its page; empty until it listens. */
  page: string
  /** Of its ClickHouse; empty until it runs. */
  warehouse: string
}

interface Owner extends Addresses {
  pid: number
  began: string
}

export interface FolderLock {
  /** Lets others see where the owner's page and ClickHouse are. */
  tell(addresses: Addresses): void
  release(): void
}

/** Throws `FOLDER_IN_USE`. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, FILE)
  const mine: Owner = { pid: process.pid, began: beganAt(process.pid) ?? '', page: '', warehouse: '' }
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
      return {
        tell: (addresses) => replace(path, { ...mine, ...addresses }),
        release: () => rmSync(path, { force: true }),
      }
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      const owner = readOwner(path)
      if (owner && isAlive(owner)) throw inUse(folder, owner)
      rmSync(path, { force: true })
    }
  }
  throw new RevwallError('FOLDER_IN_USE', `${folder} is being taken by another revwall at this very moment.`)
}

/** Where the revwall that holds the folder can be reached; undefined where none holds it. */
export function folderOwner(folder: string): Addresses | undefined {
  const owner = readOwner(join(folder, FILE))
  return owner && isAlive(owner) ? owner : undefined
}

/** Written beside and moved over, so that a reader never sees half of it. */
function replace(path: string, owner: Owner): void {
  writeFileSync(`${path}.new`, JSON.stringify(owner), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    // Half a lock is what a crash left behind; nobody holds it.
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  const began = beganAt(owner.pid)
  return began === undefined || owner.began === '' || began === owner.began
}

/** Clock ticks from boot to the start of the process; undefined where there is no /proc. */
function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function inUse(folder: string, { pid, page }: Owner): RevwallError {
  const where = page === '' ? '' : ` at ${page}`
  return new RevwallError(
    'FOLDER_IN_USE',
    `${folder} is in use by another revwall (pid ${pid})${where}; set REVWALL_DATA or stop it.`,
  )
}
