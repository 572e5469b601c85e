/** A warehouse whose server may move: one port for all who ask, behind it whichever ClickHouse is there at the moment. */
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
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

export function followingWarehouse(): FollowingWarehouse {
  let current: Warehouse | undefined
  const leaving = new Set<Promise<void>>()
  const ask = (): Warehouse => {
    if (current !== undefined) return current
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
  return {
    follow,
    warehouse: {
      query: async (sql, options) => ask().query(sql, options),
      command: async (sql, options) => ask().command(sql, options),
      insert: async (sql, body, options) => ask().insert(sql, body, options),
      close: async () => {
        follow(undefined)
        await Promise.all(leaving)
      },
    },
  }
}
