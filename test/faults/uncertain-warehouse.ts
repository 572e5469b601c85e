/** Decorators of the warehouse that make inserts uncertain, each time that a plan says so. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { RevwallError } from '../../core/runtime/errors.ts'

export interface UncertainInsert {
  /** Which insert, from 1. */
  nth: number
  /** `after`: it landed and its reply is lost. `before`: it never left. */
  lost: 'after' | 'before'
}

export function withUncertainInsert(warehouse: Warehouse, plan: UncertainInsert): Warehouse {
  return onInsert(warehouse, plan.nth, async (insert) => {
    if (plan.lost === 'after') await insert()
    throw new RevwallError('CLICKHOUSE_UNREACHABLE', `The reply was lost, ${plan.lost} the insert (a fault).`)
  })
}

/** Calls `act` some time after the insert was begun, whatever it is at then. */
export function duringInsert(
  warehouse: Warehouse,
  plan: { nth: number; ms: number },
  act: () => void,
): Warehouse {
  return onInsert(warehouse, plan.nth, async (insert) => {
    setTimeout(act, plan.ms)
    await insert()
  })
}

function onInsert(
  warehouse: Warehouse,
  nth: number,
  instead: (insert: () => Promise<void>) => Promise<void>,
): Warehouse {
  let seen = 0
  return {
    ...warehouse,
    insert: async (sql, body, options) => {
      seen += 1
      const insert = () => warehouse.insert(sql, body, options)
      return seen === nth ? instead(insert) : insert()
    },
  }
}
