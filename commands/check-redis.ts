/** What `doctor` asks of Redis, where one is configured. */
import { connectRedis } from '../core/redis/connect-redis.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import type { RedisConfig } from '../core/runtime/redis-settings.ts'

const ANSWERS_WITHIN_MS = 3_000
const POLL_MS = 20
/** Scripts with several keys, and times of milliseconds. */
const LEAST_MAJOR = 4

/** Resolves with its version and place; throws with what to do. */
export async function checkRedis({ url }: RedisConfig): Promise<string> {
  const { host } = new URL(url)
  let why = 'no answer'
  const warn = (_: string, fields?: Record<string, unknown>) => {
    why = String(fields?.why)
  }
  const redis = connectRedis({ url, logger: { ...silentLogger, warn } })
  try {
    const until = performance.now() + ANSWERS_WITHIN_MS
    while (!redis.isUp()) {
      if (performance.now() > until)
        throw new Error(
          `${host}: ${why}: start it, or put REDIS_URL right; all works without, but is not shared`,
        )
      await systemClock.sleep(POLL_MS)
    }
    return judge(String(await redis.call('INFO')), host)
  } finally {
    await redis.close()
  }
}

function judge(info: string, host: string): string {
  const told = new Map(info.split('\r\n').map((line) => line.split(':', 2) as [string, string]))
  const version = told.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < LEAST_MAJOR)
    throw new Error(`${version} at ${host} is too old: use Redis ${LEAST_MAJOR} or newer`)
  if (told.get('cluster_enabled') === '1')
    throw new Error(`${host} is a Redis Cluster, whose keys are on several servers: use a Redis of its own`)
  if (told.get('role') === 'slave') throw new Error(`${host} is a replica: give REDIS_URL its master`)
  const policy = told.get('maxmemory_policy') ?? 'noeviction'
  if (policy.startsWith('allkeys'))
    throw new Error(
      `${host} may throw away any key (${policy}): set maxmemory-policy to noeviction or volatile-ttl`,
    )
  return `${version} at ${host}`
}
