/** A warehouse whose server may move: one port for all who ask, behind it whichever ClickHouse is there at the moment. */
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { shardedWarehouse, shardOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { RevwallError } from '../core/runtime/errors.ts'

export interface Login {
  url: string
  user: string
  password: string
}

export interface FollowingWarehouse {
  warehouse: Warehouse
  /** From now on; undefined where there is none. What is under way at the former one fails or ends there. */
  follow(login: Login | undefined): void
}

/** Of several servers each is followed: their number is known before any of them is there. */
export function followingWarehouse(shards = 1): FollowingWarehouse {
  let current: Warehouse | undefined
  const leaving = new Set<Promise<void>>()
  const ask = (shard: number): Warehouse => {
    if (current !== undefined) return shardOf(current, shard)
    throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'ClickHouse is not there yet.')
  }
  const follow = (login: Login | undefined) => {
    const former = current
    current = login === undefined ? undefined : connectWarehouse(login)
    if (former === undefined) return
    // Its server is gone in most cases; there is nobody to tell that closing did not work.
    const closing = former.close().catch(() => {})
    leaving.add(closing)
    void closing.finally(() => leaving.delete(closing))
  }
  const close = async () => {
    follow(undefined)
    await Promise.all(leaving)
  }
  const serverAt = (shard: number): Warehouse => ({
    query: async (sql, options) => ask(shard).query(sql, options),
    stream: async function* (sql, options) {
      yield* ask(shard).stream(sql, options)
    },
    command: async (sql, options) => ask(shard).command(sql, options),
    insert: async (sql, body, options) => ask(shard).insert(sql, body, options),
    close,
  })
  const servers = Array.from({ length: shards }, (_, shard) => serverAt(shard))
  return { follow, warehouse: shards === 1 ? servers[0]! : { ...shardedWarehouse(servers), close } }
}
