/**
 * Customers who are not in memory may have bought before: what RFM keeps of them by key says so, where the base table
 * would have to be searched whole. Its figures may contain the very orders that are looked at; then they are taken off.
 */
import type { NewOrder } from '../../../clickhouse/queries/read-new-orders.ts'
import { readSomeSegments } from '../../../clickhouse/queries/read-segments.ts'
import type { Scope } from '../../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { toE4 } from '../../../core/contracts/money.ts'
import { localDay, parseDay } from '../../../core/runtime/local-time.ts'
import type { OrderWatch } from './order-watch.ts'

interface Meeting {
  orders: number
  firstDay: number
}

export async function introduceCustomers(
  warehouse: Warehouse,
  scope: Scope & { timeZone: string },
  watch: OrderWatch,
  orders: readonly NewOrder[],
): Promise<void> {
  const met = new Map<string, Meeting>()
  for (const { customer, placedAtMs } of orders) {
    if (customer === '' || watch.isKnown(customer)) continue
    const day = localDay(placedAtMs, scope.timeZone)
    const { orders: known, firstDay } = met.get(customer) ?? { orders: 0, firstDay: day }
    met.set(customer, { orders: known + 1, firstDay: Math.min(firstDay, day) })
  }
  for (const row of await readSomeSegments(warehouse, scope, [...met.keys()])) {
    const { orders: asked, firstDay } = met.get(row.customer)!
    const isBefore = parseDay(row.lastDay) < firstDay
    const before = isBefore ? row.orders : row.orders - asked
    const mean = row.orders > 0 ? Math.round(toE4(row.revenue) / row.orders) : 0
    if (before > 0)
      watch.introduce(row.customer, {
        orders: before,
        // The mean is no median, but better than nothing; with the order itself in it, it is worse.
        amountsE4: isBefore && mean > 0 ? [mean] : [],
        regions: new Map(),
      })
  }
}
