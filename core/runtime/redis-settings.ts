/** The settings of Redis. Without REDIS_URL there is none, and nothing needs it. */
import { z } from 'zod'
import type { TenantConfig } from '../contracts/tenant.ts'

export interface RedisConfig {
  /** May have a password: never printed. */
  url: string
  /** Whose day's figures have no name before them; undefined: all tenants' have. */
  plainTenant: string | undefined
}

export const REDIS_VARIABLES = [
  {
    name: 'REDIS_URL',
    fallback: 'no Redis',
    meaning: 'redis:// or rediss://, for api processes and the figures',
  },
  {
    name: 'REVWALL_REDIS_PLAIN_TENANT',
    fallback: 'none',
    meaning: 'whose keys in Redis have no tenant before them',
  },
]

export const redisVariables = {
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'an address such as redis://user:password@host:6379/0' })
    .optional(),
  REVWALL_REDIS_PLAIN_TENANT: z.string().optional(),
}

type Variables = z.output<z.ZodObject<typeof redisVariables>>

/** What is wrong with them together; undefined when nothing is. */
export function redisFault(v: Variables, tenants: readonly TenantConfig[]) {
  const plain = v.REVWALL_REDIS_PLAIN_TENANT
  if (plain === undefined || tenants.some(({ id }) => id === plain)) return undefined
  const known = tenants.map(({ id }) => id).slice(0, 10)
  return { path: ['REVWALL_REDIS_PLAIN_TENANT'], message: `no such tenant; there are ${known.join(', ')}` }
}

export function redisOf(v: Variables): RedisConfig | undefined {
  return v.REDIS_URL === undefined
    ? undefined
    : { url: v.REDIS_URL, plainTenant: v.REVWALL_REDIS_PLAIN_TENANT }
}
