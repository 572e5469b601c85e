/** The warehouse of a command: the configured server, the one that a running `up` has, or an embedded one of its own. */
import { join } from 'node:path'
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { passwordsOf } from '../clickhouse/engine/passwords.ts'
import { type Engine, startEngine } from '../clickhouse/engine/start-engine.ts'
import { analystUser } from '../clickhouse/engine/write-users.ts'
import { v1ViewNames } from '../clickhouse/queries/v1-views.ts'
import { FIRST_RUN } from '../clickhouse/runs/run.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { Config } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { folderOwner, lockFolder } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { runDatabases } from './run-databases.ts'

/** The first run. Which one is shown says the pointer: `readRuns` (clickhouse/runs). */
export const { run: RUN, database: DATABASE } = FIRST_RUN
export const CONTROL_DATABASE = 'revwall'

export interface OpenWarehouse {
  warehouse: Warehouse
  url: string
  close(): Promise<void>
}

export function clickhouseFolder(config: Config): string {
  return join(config.dataFolder, 'clickhouse')
}

export function logFolder(config: Config): string {
  return join(config.dataFolder, 'log')
}

export function startEmbedded(config: Config, logger: Logger): Promise<Engine> {
  return startEngine({
    folder: clickhouseFolder(config),
    tenants: config.tenants.map((tenant) => tenant.id),
    database: DATABASE,
    tables: v1ViewNames(CONTROL_DATABASE),
    viewDatabases: runDatabases(clickhouseFolder(config)),
    logger,
    maxServerMemoryBytes: config.clickhouseMemoryBytes,
  })
}

/** For commands that come and go. An embedded server of its own is started only where nobody else has the folder. */
export async function openWarehouse(
  config: Config,
  logger: Logger,
  as: 'program' | string,
): Promise<OpenWarehouse> {
  if (as !== 'program' && !config.tenants.some(({ id }) => id === as))
    throw new RevwallError('UNKNOWN_TENANT', `tenant ${as} is not configured`)
  if (config.clickhouse !== undefined) return connect(config.clickhouse)
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

function connect(login: { url: string; user: string; password: string }): OpenWarehouse {
  const warehouse = connectWarehouse(login)
  return { warehouse, url: login.url, close: () => warehouse.close() }
}
