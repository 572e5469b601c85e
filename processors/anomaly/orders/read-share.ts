/** The orders of a look: all new ones, or of each tenant a part. */
import type { BuyerScope, Marks, NewMarks } from '../../../clickhouse/queries/read-buyers.ts'
import { type NewOrder, readNewOrders, readOddPrices } from '../../../clickhouse/queries/read-new-orders.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'

/**
 * By tenant. Each tenant that has new orders (`counts`) may have an equal part of `most`, so that none takes another one's;
 * where it has more, one order in so many is taken.
 */
export async function readShare(
  warehouse: Warehouse,
  scope: BuyerScope,
  { from, to }: { from: Marks; to: NewMarks },
  counts: ReadonlyMap<string, number>,
  most: number,
): Promise<Map<string, NewOrder[]>> {
  const orders = new Map<string, NewOrder[]>()
  if (counts.size === 0) return orders
  const share = Math.max(1, Math.floor(most / counts.size))
  const oneIn = new Map([...counts].map(([tenant, all]) => [tenant, Math.ceil(all / share)]))
  const [read, prices] = await Promise.all([
    readNewOrders(warehouse, scope, from, to, oneIn),
    readOddPrices(warehouse, scope, from, to, oneIn),
  ])
  for (const order of read) {
    const price = prices.get(`${order.tenant}/${order.source}/${order.orderId}`)
    const list = orders.get(order.tenant) ?? []
    list.push(price === undefined ? order : { ...order, price })
    orders.set(order.tenant, list)
  }
  return orders
}
