/**
 * Writes the day's figures into Redis such that an older value never stands after a newer one, whoever writes.
 *
 * One key, the guard, has the token of the last write that was taken. A write names the token that it follows and is
 * refused when the guard has another one; keys and guard are changed in one step (a script). Who writes has read its values
 * after the write with that token, so that of two accepted writes the later one has read later. This is what a mark is to
 * an insert (EXACTNESS.md), and it holds whatever became of a writer in between: paused, cut off, its command executed late
 * out of some buffer. A Redis that lost its keys has no token, or an older one: its writer is refused and writes all again.
 *
 * Keys of scripts are made inside it, so this is for one Redis server, with replicas or without, not for Redis Cluster.
 */
import type { Redis } from '../../core/redis/connect-redis.ts'
import { RevwallError } from '../../core/runtime/errors.ts'

export const GUARD_KEY = 'revwall:figures'
/** A hash by prefix: which days have keys, and of which regions. */
export const daysKey = (prefix: string) => `revwall:figures:days:${prefix}`
/** The prefixes that have keys: those of tenants that are configured no more are found here. */
export const PREFIXES_KEY = 'revwall:figures:prefixes'

/** Amounts are decimal strings. `prefix` stands before every key: empty, or the tenant and a colon. */
export type KeyChange =
  | {
      type: 'day'
      prefix: string
      day: string
      revenue: string
      orders: string
      customers: string
      /** By region, those only that are not zero. */
      regions: Record<string, string>
    }
  /** The day has no keys any more. */
  | { type: 'no-day'; prefix: string; day: string }
  /** Largest first. */
  | { type: 'top'; prefix: string; products: { sku: string; name: string; revenue: string }[] }
  /** Nothing of the prefix is left; its days were taken off before. */
  | { type: 'no-prefix'; prefix: string }

const SCRIPT = `
local token = redis.call('GET', KEYS[1]) or ''
if token ~= ARGV[1] then return token end
local function days_of(prefix) return 'revwall:figures:days:' .. prefix end
local function region_key(prefix, region, day) return prefix .. 'vendas_por_regiao:' .. region .. ':' .. day end
local function forget_regions(change, kept)
  local known = redis.call('HGET', days_of(change.prefix), change.day)
  for _, region in ipairs(known and cjson.decode(known) or {}) do
    if not kept[region] then redis.call('DEL', region_key(change.prefix, region, change.day)) end
  end
end
local write = {}
write['day'] = function(change)
  redis.call('SADD', 'revwall:figures:prefixes', change.prefix)
  forget_regions(change, change.regions)
  local names = {}
  for region, revenue in pairs(change.regions) do
    names[#names + 1] = region
    redis.call('SET', region_key(change.prefix, region, change.day), revenue)
  end
  redis.call('SET', change.prefix .. 'faturamento:' .. change.day, change.revenue)
  redis.call('SET', change.prefix .. 'pedidos_count:' .. change.day, change.orders)
  redis.call('SET', change.prefix .. 'clientes_ativos:' .. change.day, change.customers)
  redis.call('HSET', days_of(change.prefix), change.day, cjson.encode(names))
end
write['no-day'] = function(change)
  forget_regions(change, {})
  for _, name in ipairs({'faturamento:', 'pedidos_count:', 'clientes_ativos:'}) do
    redis.call('DEL', change.prefix .. name .. change.day)
  end
  redis.call('HDEL', days_of(change.prefix), change.day)
end
write['top'] = function(change)
  redis.call('DEL', change.prefix .. 'top_produtos', change.prefix .. 'top_produtos:nomes')
  for _, product in ipairs(change.products) do
    redis.call('ZADD', change.prefix .. 'top_produtos', product.revenue, product.sku)
    redis.call('HSET', change.prefix .. 'top_produtos:nomes', product.sku, product.name)
  end
end
write['no-prefix'] = function(change)
  redis.call('DEL', change.prefix .. 'top_produtos', change.prefix .. 'top_produtos:nomes', days_of(change.prefix))
  redis.call('SREM', 'revwall:figures:prefixes', change.prefix)
end
for _, change in ipairs(cjson.decode(ARGV[3])) do write[change.type](change) end
redis.call('SET', KEYS[1], ARGV[2])
return ARGV[2]
`

/**
 * Makes the changes and moves the guard from `expected` to `next`, both or neither. Resolves with the token that the guard
 * has then: `next`, or another one when it was not `expected`. Rejects as `Redis.call`; whether it was done is then unknown.
 */
export async function writeGuarded(
  redis: Redis,
  { expected, next }: { expected: string; next: string },
  changes: readonly KeyChange[],
): Promise<string> {
  const token = await redis.call('EVAL', SCRIPT, 1, GUARD_KEY, expected, next, JSON.stringify(changes))
  if (typeof token === 'string') return token
  throw new RevwallError('REDIS_REFUSED', `not the answer of the script: ${String(token)}`)
}

/** The token of the last write; empty where nothing was written. Rejects as `Redis.call`. */
export async function readGuard(redis: Redis): Promise<string> {
  return String((await redis.call('GET', GUARD_KEY)) ?? '')
}
