/** What a team writes first: each event is a row with sign 1, in the tables and with the views of revwall. */
import type { OrderEvent } from '../../core/contracts/order.ts'

export function rowOf(event: OrderEvent): Record<string, unknown> {
  const at = event.placedAt.slice(0, -1).replace('T', ' ')
  const amount = event.lines.reduce((sum, line) => sum + Number(line.quantity) * Number(line.unitPrice), 0)
  const gross = (amount + Number(event.shipping)).toFixed(4)
  return {
    tenant: event.tenant,
    source: event.source,
    order_id: event.orderId,
    revision: 1,
    sign: 1,
    taken_at: at,
    kind: 'sale',
    version: event.version,
    status: event.status,
    counts: 1,
    placed_at: at,
    sale_day: at.slice(0, 10),
    sale_hour: Number(at.slice(11, 13)),
    customer: event.customerId,
    currency: event.currency,
    region: event.region,
    country: event.country,
    channel: event.channel,
    shipping: event.shipping,
    gross,
    net: gross,
    line_sku: event.lines.map((line) => line.sku),
    line_name: event.lines.map((line) => line.name),
    line_category: event.lines.map((line) => line.category),
    line_quantity: event.lines.map((line) => line.quantity),
    line_unit_price: event.lines.map((line) => line.unitPrice),
    line_unit_cost: event.lines.map((line) => line.unitCost),
    line_amount: event.lines.map((line) => (Number(line.quantity) * Number(line.unitPrice)).toFixed(4)),
    booked_at: [at],
    booked_day: [at.slice(0, 10)],
    booked_hour: [Number(at.slice(11, 13))],
    booked_kind: ['sale'],
    booked_reference: [''],
    booked_currency: [event.currency],
    booked_amount: [gross],
    booked_orders: [1],
    booked_units: [String(event.lines.length)],
  }
}
