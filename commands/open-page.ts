/** The page and the api behind it, as `up` has them and as a process of its own. */
import { existsSync } from 'node:fs'
import type { Registry } from 'prom-client'
import { type ApiOptions, createApi } from '../api/app.ts'
import { type Access, openAccess } from '../api/auth/access.ts'
import { limitsFor } from '../api/live/accept-client.ts'
import { followShown } from '../clickhouse/runs/follow-shown.ts'
import type { Redis } from '../core/redis/connect-redis.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'
import type { CleanUp } from './clean-up.ts'
import { listenAt } from './listen-locally.ts'
import { PAGE_FOLDER } from './page-folder.ts'
import { publish } from './start-warehouse.ts'

export interface PageOptions
  extends Pick<ApiOptions, 'warehouse' | 'log' | 'logger' | 'health' | 'verifying' | 'plugins'> {
  config: Config
  registry: Registry
  steps: CleanUp
}

/** Resolves with its address. Throws `PORT_IN_USE`, `USERS_UNREADABLE`, `LOGINS_WANTED`. */
export async function openPage({ config, steps, ...options }: PageOptions): Promise<string> {
  const { warehouse, logger } = options
  const access = openAccess({
    ...config.access,
    ...{ dataFolder: config.dataFolder, clock: systemClock, logger },
  })
  steps.add('the sessions', () => access.close())
  requireLogins(config, access)
  const shown = await followShown({ warehouse, clock: systemClock, logger })
  steps.add('the pointer', () => shown.stop())
  shown.onMove(() => {
    publish(warehouse).catch((error) => logger.warn('the v1 views are behind', { why: errorMessage(error) }))
  })
  const redis = await openRedis(config, logger)
  if (redis !== undefined) steps.add('Redis', () => redis.close())
  const api = createApi({
    ...options,
    tenants: config.tenants,
    database: shown.database,
    analytics: config.analytics,
    segments: config.segments,
    ...(redis && { shared: { redis, plainTenant: config.redis?.plainTenant } }),
    onRunMoved: (listener) => shown.onMove((what) => (what === 'run' ? listener() : undefined)),
    access,
    wallsFile: config.wallsFile,
    allowedHosts: namesOf(config.access.host),
    allowedOrigins: config.access.origins,
    trustedProxies: config.access.trustedProxies,
    ...(config.access.metricsToken && { metricsToken: config.access.metricsToken }),
    liveLimits: limitsFor(config.maxWalls),
    staticFolder: existsSync(PAGE_FOLDER) ? PAGE_FOLDER : undefined,
  })
  steps.add('the page', () => api.close())
  return listenAt(api, { host: config.access.host, port: config.port, setting: 'PORT' })
}

/** An address is a name of its own; all of them together are none. */
function namesOf(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return []
  return [host.includes(':') ? `[${host}]` : host]
}

/** Nobody's numbers are shown to a network by a setting alone. */
function requireLogins({ access: { host, usersFile } }: Config, access: Access): void {
  if (host.startsWith('127.') || host === '::1' || access.areLoginsWanted()) return
  throw new RevwallError(
    'LOGINS_WANTED',
    `REVWALL_HOST=${host} shows the wall to other machines, and ${usersFile} has no users: revwall users add NAME makes one`,
  )
}

/** Loaded where there is one; the page does not wait for its answer. */
async function openRedis({ redis }: Config, logger: Logger): Promise<Redis | undefined> {
  if (redis === undefined) return undefined
  const { connectRedis } = await import('../core/redis/connect-redis.ts')
  return connectRedis({ url: redis.url, logger })
}
