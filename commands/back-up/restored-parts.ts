/** What a restore makes of a data folder: its ClickHouse, of one server or several, and its log; and whether it may. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { clickhouseFolder, clickhouseFolders, hasClickhouse } from '../clickhouse-folders.ts'
import { logFolder } from '../open-warehouse.ts'
import type { Manifest } from './manifest.ts'

export const PARTS = ['clickhouse', 'log'] as const
export type Part = (typeof PARTS)[number]

/** Throws `BACKUP_NOT_OURS`, `RESTORE_OTHER_LOG`, `RESTORE_SHARDS`. */
export function requireSuited(told: Manifest, parts: readonly Part[], config: Config): void {
  requireOurs(config)
  requireSameLog(told, parts, config)
  if (parts.includes('clickhouse')) requireSameServers(told, config)
}

function requireOurs({ clickhouse }: Config): void {
  if (clickhouse === undefined) return
  throw new RevwallError(
    'BACKUP_NOT_OURS',
    'CLICKHOUSE_URL names a server that is not ours: restore its databases there by its own means, or unset it.',
  )
}

/** A partition's rows are at the server p mod N, and the copies are of whole servers. */
function requireSameServers({ shards: made }: Manifest, { shards }: Config): void {
  if (made === shards) return
  throw new RevwallError(
    'RESTORE_SHARDS',
    `This backup is of ${made === 1 ? 'one ClickHouse server' : `${made} ClickHouse servers`}, and REVWALL_SHARDS is ${shards}: set ` +
      `REVWALL_SHARDS=${made}. To get another number, restore it so and see: revwall move --help`,
  )
}

function requireSameLog(told: Manifest, parts: readonly Part[], config: Config): void {
  const isKafka = config.kafka !== undefined
  if (isKafka === (told.log.kind === 'kafka') && !(isKafka && parts.length === 1 && parts[0] === 'log'))
    return
  throw new RevwallError(
    'RESTORE_OTHER_LOG',
    told.log.kind === 'kafka'
      ? "This backup's log is on Kafka, which keeps it: set KAFKA_BROKERS (and KAFKA_PREFIX) as they were."
      : "This backup's log is an embedded one: unset KAFKA_BROKERS.",
  )
}

export const hasLog = (config: Config) =>
  ['data.mdb', 'log.json'].some((name) => existsSync(join(logFolder(config), name)))
const folderOf = (part: Part, config: Config) =>
  part === 'log' ? logFolder(config) : clickhouseFolder(config)

export function requireNone(part: Part, config: Config): void {
  if (part === 'log' ? !hasLog(config) : !hasClickhouse(config)) return
  throw new RevwallError(
    'RESTORE_NOT_EMPTY',
    `${folderOf(part, config)} holds ${part === 'log' ? 'a log' : 'a ClickHouse'}, which is not overwritten: move it away, or set REVWALL_DATA to a new folder.`,
  )
}

export function moveIntoPlace(part: Part, staged: Config, config: Config): void {
  if (part === 'log' && config.kafka !== undefined) return
  const foldersOf = (where: Config) => (part === 'log' ? [logFolder(where)] : clickhouseFolders(where))
  const from = foldersOf(staged)
  // The first server last: without it none is started.
  for (const [index, folder] of [...foldersOf(config).entries()].reverse()) {
    // Nothing but remains: whether it holds data was looked at.
    rmSync(folder, { recursive: true, force: true })
    renameSync(from[index]!, folder)
  }
}
