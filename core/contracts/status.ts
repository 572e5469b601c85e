/**
 * The table of statuses: which of them count as revenue and as an order. A connector maps its vendor's words to these;
 * nothing else in revwall decides whether an order counts.
 *
 * | status             | counts | meaning                                                          |
 * | ------------------ | ------ | ---------------------------------------------------------------- |
 * | unknown            | no     | a refund, payment or cancellation came before its order          |
 * | draft              | no     | a basket or a quotation                                          |
 * | pending            | no     | placed, not yet paid and not promised                            |
 * | on-hold            | yes    | placed and promised, waiting for a transfer or a check           |
 * | processing         | yes    | paid or on account, not yet delivered                            |
 * | completed          | yes    | delivered                                                        |
 * | partially-refunded | yes    | its refunds are subtracted one by one, each on its own day       |
 * | refunded           | yes    | refunded whole: it still counts, its refunds bring it to nothing |
 * | cancelled          | no     | books −1 order and −(what is left of it) on the cancellation's day |
 * | failed             | no     | the payment was refused                                          |
 *
 * An order that stops counting books −1 order and −amount on that day; one that counts again books them back.
 */
export const ORDER_STATUSES = [
  'unknown',
  'draft',
  'pending',
  'on-hold',
  'processing',
  'completed',
  'partially-refunded',
  'refunded',
  'cancelled',
  'failed',
] as const

export type OrderStatus = (typeof ORDER_STATUSES)[number]

const COUNTS: Record<OrderStatus, boolean> = {
  unknown: false,
  draft: false,
  pending: false,
  'on-hold': true,
  processing: true,
  completed: true,
  'partially-refunded': true,
  refunded: true,
  cancelled: false,
  failed: false,
}

export function statusCounts(status: OrderStatus): boolean {
  return COUNTS[status]
}
