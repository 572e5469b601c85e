/**
 * The small files of a data folder, which no log and no table brings back: without that of users a wall would want no login.
 * Screens and links (`access/`) are none of them: what was revoked since a copy was made must not open again.
 */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Config } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { keyFilePath } from '../../ingest/http/key-file.ts'
import { endpointFilePath } from '../../processors/delivery/endpoint-file.ts'
import type { Manifest } from './manifest.ts'

/** By its name in a backup, wherever the configuration has it. */
export interface SmallFile {
  name: string
  path: string
}

export interface CopiedFile extends SmallFile {
  sha256: string
  /** False: what is there was left as it is. */
  isNew: boolean
}

export function smallFiles({ dataFolder, access, wallsFile }: Config): SmallFile[] {
  return [
    { name: 'users.json', path: access.usersFile },
    { name: 'walls.json', path: wallsFile },
    { name: 'ingest-keys.json', path: keyFilePath(dataFolder) },
    { name: 'endpoints.json', path: endpointFilePath(dataFolder) },
  ]
}

/** Into a backup, whose manifest has their digests. */
export function backUpSmallFiles(config: Config, folder: string): void {
  for (const { name, path } of smallFiles(config)) if (existsSync(path)) copyWhole(path, join(folder, name))
}

/** Out of a backup; what is there is left as it is. Throws `BACKUP_DAMAGED`. */
export function restoreSmallFiles(folder: string, { files }: Manifest, config: Config): CopiedFile[] {
  return smallFiles(config).flatMap(({ name, path }) => {
    const told = files.find((file) => file.path === name)
    if (told === undefined) return []
    const isNew = !existsSync(path)
    if (isNew) copyWhole(join(folder, name), path, told.sha256)
    return [{ name, path, isNew, sha256: told.sha256 }]
  })
}

/** Of the data folder `from`, to be where `config` will look for them: those that are elsewhere stay there. */
export function filesToTake(from: string, config: Config): (SmallFile & { to: string })[] {
  return smallFiles(config)
    .map(({ name, path: to }) => ({ name, path: join(from, relative(config.dataFolder, to)), to }))
    .filter(({ path, to }) => !relative(config.dataFolder, to).startsWith('..') && existsSync(path))
    .filter(({ path, to }) => path !== to)
}

/** Throws `MOVE_FILES_DIFFER` where another one is there: nobody but a person knows which of them counts. */
export function requireSameFiles(from: string, config: Config): void {
  for (const { path, to } of filesToTake(from, config))
    if (existsSync(to) && hashOf(path) !== hashOf(to))
      throw new RevwallError(
        'MOVE_FILES_DIFFER',
        `${to} is another one than ${path}, which would be taken along: move one of the two away.`,
      )
}

/** Throws as `requireSameFiles`. */
export function takeSmallFiles(from: string, config: Config): CopiedFile[] {
  requireSameFiles(from, config)
  return filesToTake(from, config).map(({ name, path, to }) => {
    const isNew = !existsSync(to)
    const sha256 = hashOf(path)
    if (isNew) copyWhole(path, to, sha256)
    return { name, path: to, sha256, isNew }
  })
}

/** For its owner's eyes alone, on the disk, and whole where it lies. Throws `BACKUP_DAMAGED` where it is not what was told. */
function copyWhole(from: string, to: string, sha256?: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  const draft = `${to}.copy`
  try {
    copyFileSync(from, draft)
    chmodSync(draft, 0o600)
    const file = openSync(draft, 'r')
    fsyncSync(file)
    closeSync(file)
    if (sha256 !== undefined && hashOf(draft) !== sha256)
      throw new RevwallError('BACKUP_DAMAGED', `${from} is not what was written. Take another backup.`)
    renameSync(draft, to)
  } finally {
    rmSync(draft, { force: true })
  }
}

const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
