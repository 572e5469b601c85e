/**
 * One `up` a data folder, or any number of roles (role-file.ts), never both. A file holds the owner's pid and when that
 * process began, so that a pid that was used again does not count; a lock whose owner is gone is taken over.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimOwner } from './claim.ts'
import { errorCode, RevwallError } from './errors.ts'
import { isAlive, type ProcessId, thisProcess } from './live-process.ts'
import { enterRole, otherRoles, type RoleFile, type RoleName } from './role-file.ts'

const FILE = 'up.lock'

export interface Addresses {
  /** Of its page; empty until it listens. */
  page: string
  /** Of its ClickHouse; empty until it runs. */
  warehouse: string
}

interface Owner extends Addresses, ProcessId {}

/** The claim of whoever of the roles hosts the engine; it tells `warehouse` and `life`. */
export const ENGINE_CLAIM = 'engine'

export interface FolderLock {
  /** Lets others see where the owner's page and ClickHouse are. */
  tell(addresses: Addresses): void
  release(): void
}

/** Throws `FOLDER_IN_USE`. */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, FILE)
  const mine: Owner = { ...thisProcess(), page: '', warehouse: '' }
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
      refuseRoles(folder, path)
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

/**
 * A role beside others. Its file is written before the lock is looked at, and the lock before the files: of an `up` and a
 * role that start together at least one sees the other. Throws `FOLDER_IN_USE`.
 */
export function joinFolder(folder: string, name: RoleName): RoleFile {
  const role = enterRole(folder, name)
  const owner = readOwner(join(folder, FILE))
  if (owner === undefined || !isAlive(owner)) return role
  role.leave()
  throw inUse(folder, owner)
}

/** Where the revwall that holds the folder can be reached; undefined where none holds it. */
export function folderOwner(folder: string): Addresses | undefined {
  const owner = readOwner(join(folder, FILE))
  if (owner && isAlive(owner)) return owner
  const roles = otherRoles(folder)
  if (roles.length === 0) return undefined
  const page = roles.find(({ role }) => role === 'api')?.page ?? ''
  return { page, warehouse: claimOwner(folder, ENGINE_CLAIM)?.told.warehouse ?? '' }
}

function refuseRoles(folder: string, path: string): void {
  const roles = otherRoles(folder)
  if (roles.length === 0) return
  rmSync(path, { force: true })
  const names = roles.map(({ role, pid }) => `${role} (pid ${pid})`).join(', ')
  throw new RevwallError(
    'FOLDER_IN_USE',
    `${folder} is in use by the roles ${names}; stop them, or set REVWALL_DATA.`,
  )
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

function inUse(folder: string, { pid, page }: Owner): RevwallError {
  const where = page === '' ? '' : ` at ${page}`
  return new RevwallError(
    'FOLDER_IN_USE',
    `${folder} is in use by another revwall (pid ${pid})${where}; set REVWALL_DATA or stop it.`,
  )
}
