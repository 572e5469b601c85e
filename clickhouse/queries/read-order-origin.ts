import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf } from './scope.ts'

/** Where in the log the record stands that made a change. */
export interface OrderOrigin {
  topic: string
  incarnation: string
  partition: number
  offset: number
}

/** Null: the tenant has no such change. */
export async function readOrderOrigin(
  warehouse: Warehouse,
  scope: Scope & { source: string; orderId: string; revision: number },
): Promise<OrderOrigin | null> {
  const { tenant, source, orderId, revision } = scope
  const [row] = await warehouse.query<Omit<OrderOrigin, 'offset'> & { offset: string }>(
    `SELECT topic, incarnation, partition, offset FROM ${tableOf(scope, 'order_changes')}
     WHERE tenant = {tenant:String} AND source = {source:String} AND order_id = {orderId:String}
       AND revision = {revision:UInt32} AND sign = 1
     LIMIT 1`,
    { params: { tenant, source, orderId, revision } },
  )
  return row === undefined ? null : { ...row, offset: Number(row.offset) }
}
