/** The warehouse of a command: the configured server, the one that a running `up` has, or an embedded one of its own. */
import { join } from 'node:path'
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { requireMoved } from '../clickhouse/copy/moving.ts'
import { passwordsOf } from '../clickhouse/engine/passwords.ts'
import { type Engine, startEngine } from '../clickhouse/engine/start-engine.ts'
import { startShards } from '../clickhouse/engine/start-shards.ts'
import { analystUser } from '../clickhouse/engine/write-users.ts'
import { requireShards } from '../clickhouse/migrations/claim-shards.ts'
import { v1ViewNames } from '../clickhouse/queries/v1-views.ts'
import { FIRST_RUN } from '../clickhouse/runs/run.ts'
import { overShards, shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorCode, RevwallError } from '../core/runtime/errors.ts'
import { folderOwner, lockFolder } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { clickhouseFolder, clickhouseFolders, requireFolders } from './clickhouse-folders.ts'
import { requireNotMoved } from './move/moved-file.ts'
import { runDatabases } from './run-databases.ts'

/** The first run. Which one is shown says the pointer: `readRuns` (clickhouse/runs). */
export const { run: RUN, database: DATABASE } = FIRST_RUN
export const CONTROL_DATABASE = 'revwall'

export interface OpenWarehouse {
  warehouse: Warehouse
  url: string
  close(): Promise<void>
}

export function logFolder(config: Config): string {
  return join(config.dataFolder, 'log')
}

/**
 * As many servers as are configured. Throws SHARDS_CHANGED where the data folder was made with another number, FOLDER_MOVED
 * where its tables are elsewhere by now.
 */
export async function startEmbedded(config: Config, logger: Logger): Promise<Engine> {
  requireNotMoved(config.dataFolder, 'clickhouse')
  requireFolders(config)
  const folders = clickhouseFolders(config)
  const databases = runDatabases(folders[0]!)
  const memory = config.clickhouseMemoryBytes
  const options = {
    tenants: config.tenants.map((tenant) => tenant.id),
    database: DATABASE,
    tables: v1ViewNames(CONTROL_DATABASE),
    viewDatabases: databases,
    logger,
    maxServerMemoryBytes: memory === undefined ? undefined : Math.floor(memory / config.shards),
  }
  if (config.shards === 1) return startEngine({ ...options, folder: folders[0]! })
  return startShards({ ...options, folders, overShards: databases.map(overShards) })
}

/** For commands that come and go. An embedded server of its own is started only where nobody else has the folder. */
export async function openWarehouse(
  config: Config,
  logger: Logger,
  as: 'program' | string,
): Promise<OpenWarehouse> {
  if (as !== 'program' && !config.tenants.some(({ id }) => id === as))
    throw new RevwallError('UNKNOWN_TENANT', `tenant ${as} is not configured`)
  if (config.clickhouse !== undefined) return checked(connect(config.clickhouse), as)
  const user = as === 'program' ? PROGRAM_USER : analystUser(as)
  const owner = folderOwner(config.dataFolder)
  if (owner?.warehouse) return connect(loginOf(config, owner.warehouse, user))
  const lock = lockFolder(config.dataFolder)
  try {
    const engine = await startEmbedded(config, logger)
    const open = connect(loginOf(config, engine.url, user))
    return {
      ...open,
      close: () =>
        open
          .close()
          .then(() => engine.stop())
          .finally(lock.release),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const PROGRAM_USER = 'revwall'

function loginOf(config: Config, url: string, user: string) {
  return { url, user, password: passwordsOf(clickhouseFolder(config), [user]).get(user)! }
}

/** Asked of one of several servers, of them in another order, or of half a copy, a command would tell the numbers of a part. */
async function checked(open: OpenWarehouse, as: string): Promise<OpenWarehouse> {
  if (as !== 'program') return open
  try {
    await Promise.all(shardsOf(open.warehouse).map(requireMoved))
    await requireShards(open.warehouse, CONTROL_DATABASE)
    return open
  } catch (error) {
    // That it does not answer is for whoever asks next to say.
    if (!PARTS_ALONE.has(errorCode(error) ?? '')) return open
    await open.close()
    throw error
  }
}

const PARTS_ALONE: ReadonlySet<string> = new Set(['SHARDS_CHANGED', 'MOVE_UNFINISHED'])

function connect(login: { url: string; user: string; password: string }): OpenWarehouse {
  const warehouse = connectWarehouse(login)
  return { warehouse, url: login.url, close: () => warehouse.close() }
}
