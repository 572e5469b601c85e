/** Where a data folder has its embedded ClickHouse servers: `clickhouse`, and behind it `clickhouse-1`, … */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Config } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'

/** Of the first server, which has the passwords of all. */
export function clickhouseFolder(config: Config): string {
  return join(config.dataFolder, 'clickhouse')
}

/** Of as many as are configured. */
export function clickhouseFolders(config: Config): string[] {
  const first = clickhouseFolder(config)
  return Array.from({ length: config.shards }, (_, shard) => (shard === 0 ? first : `${first}-${shard}`))
}

export const hasClickhouse = (config: Config) => countServers(config) > 0

/** How many the folder was made with; 0 where there is none. */
export function countServers(config: Config): number {
  const others = countOthers(config)
  return others > 0 || hasFirst(config) ? others + 1 : 0
}

const hasFirst = (config: Config) => existsSync(join(clickhouseFolder(config), 'store'))

function countOthers(config: Config): number {
  const { dataFolder } = config
  const name = basename(clickhouseFolder(config))
  const isOther = (file: string) => file.startsWith(`${name}-`) && /-\d+$/.test(file)
  return existsSync(dataFolder) ? readdirSync(dataFolder).filter(isOther).length : 0
}

/** Before a server is started: commands that only read would else tell the numbers of a part. Throws SHARDS_CHANGED. */
export function requireFolders(config: Config): void {
  const { dataFolder, shards } = config
  const others = countOthers(config)
  if (!hasFirst(config)) {
    if (others === 0) return
    // The first one is started first, and restored last.
    throw new RevwallError(
      'SHARDS_CHANGED',
      `${clickhouseFolder(config)} is not there, but ${others} others of its servers are: a restore was broken off, or it was moved ` +
        'away. Put it back; or move the others away too, and restore again.',
    )
  }
  // A first start that was broken off may have made some of them; each server knows itself what it was made as.
  if (others + 1 === shards || (others > 0 && others + 1 < shards)) return
  throw new RevwallError(
    'SHARDS_CHANGED',
    `${dataFolder} was made with ${others + 1} embedded ClickHouse servers, and REVWALL_SHARDS is ${shards}. It stays as it was ` +
      `made: set REVWALL_SHARDS=${others + 1}. To get another number see: revwall move --help`,
  )
}
