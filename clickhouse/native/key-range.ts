/**
 * Ranges of orders by the key of `order_changes`, in the form of which ClickHouse's index knows a range: a comparison of
 * tuples is right too, but reads the table from its beginning each time, so that n pages cost n² (26.7).
 */

/** Behind an order; the parameters are named as they are given. */
export function behindKey(tenant: string, source: string, orderId: string): string {
  return `(tenant > {${tenant}:String} OR (tenant = {${tenant}:String} AND (source > {${source}:String} OR (source = {${source}:String} AND order_id > {${orderId}:String}))))`
}

/** Up to an order, it too. */
export function upToKey(tenant: string, source: string, orderId: string): string {
  return `(tenant < {${tenant}:String} OR (tenant = {${tenant}:String} AND (source < {${source}:String} OR (source = {${source}:String} AND order_id <= {${orderId}:String}))))`
}
