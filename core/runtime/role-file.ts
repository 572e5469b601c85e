/** Which roles run on a data folder: a file for each process, which counts for as long as the process lives. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, type ProcessId, thisProcess } from './live-process.ts'

export const ROLES = ['ingest', 'process', 'api'] as const
export type RoleName = (typeof ROLES)[number]

export interface RoleState {
  /** Where it can be reached; empty where it cannot. */
  page: string
  /** It was told to end and drains. */
  stopping: boolean
  /** It may write to ClickHouse. */
  writes: boolean
}

export interface RunningRole extends ProcessId, RoleState {
  role: RoleName
}

export interface RoleFile {
  tell(state: Partial<RoleState>): void
  leave(): void
}

export function enterRole(folder: string, role: RoleName): RoleFile {
  const path = join(rolesFolder(folder), `${role}-${process.pid}.json`)
  mkdirSync(rolesFolder(folder), { recursive: true, mode: 0o700 })
  let mine: RunningRole = { ...thisProcess(), role, page: '', stopping: false, writes: false }
  replace(path, mine)
  return {
    tell: (state) => {
      mine = { ...mine, ...state }
      replace(path, mine)
    },
    leave: () => rmSync(path, { force: true }),
  }
}

/** Those that run now, this process not among them. What the dead left behind is removed, but for those that wrote. */
export function otherRoles(folder: string): RunningRole[] {
  return filesIn(rolesFolder(folder)).flatMap((path) => {
    const role = read(path)
    if (role === undefined || role.pid === process.pid) return []
    if (isAlive(role)) return [role]
    if (!role.writes) rmSync(path, { force: true })
    return []
  })
}

/**
 * Whether another process writes to ClickHouse, or died while it did: then nobody can say that this life of the server
 * is whole.
 */
export function othersWrote(folder: string): boolean {
  return filesIn(rolesFolder(folder)).some((path) => {
    const role = read(path)
    return role?.writes === true && role.pid !== process.pid
  })
}

/** A new life of the server begins; the former one was not called whole because of them. */
export function forgetDeadRoles(folder: string): void {
  for (const path of filesIn(rolesFolder(folder))) {
    const role = read(path)
    if (role !== undefined && !isAlive(role)) rmSync(path, { force: true })
  }
}

const rolesFolder = (folder: string) => join(folder, 'roles')

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name))
  } catch {
    // No role ever ran here.
    return []
  }
}

function read(path: string): RunningRole | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunningRole
  } catch {
    // It has left in between.
    return undefined
  }
}

/** Written beside and moved over, so that a reader never sees half of it. */
function replace(path: string, role: RunningRole): void {
  writeFileSync(`${path}.new`, JSON.stringify(role), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
