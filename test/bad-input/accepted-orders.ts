/** What was accepted, kept apart from revwall, and what ClickHouse has of it: each once, to the cent. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { waitUntil } from '../cli/wait-until.ts'

export type RawOrder = Record<string, unknown>

/** By source and order id: the total before refunds, 1/10,000 units. */
export type Accepted = Map<string, bigint>

/** A fine order with a total of its own. */
export function fineOrder(orderId: string, totalE4: number, more: RawOrder = {}): RawOrder {
  return {
    type: 'order',
    source: 'shop',
    orderId,
    version: 1,
    changedAt: '2024-03-01T10:15:00Z',
    placedAt: '2024-03-01T10:15:00Z',
    status: 'completed',
    currency: 'GBP',
    total: `${Math.floor(totalE4 / 10_000)}.${String(totalE4 % 10_000).padStart(4, '0')}`,
    lines: [{ sku: 'A', name: 'Mug', quantity: '2', unitPrice: '6.25' }],
    ...more,
  }
}

/** Written apart from core/contracts/money.ts on purpose. */
export function noteAccepted(accepted: Accepted, order: RawOrder): void {
  const { type, role = 'sale', source, orderId, total } = order
  if (type !== 'order' || role !== 'sale') return
  const [whole = '0', decimals = ''] =
    typeof total === 'string' ? total.replace('-', '').split('.') : ['12', '5']
  const e4 = BigInt(whole + decimals.padEnd(4, '0')) * (String(total).startsWith('-') ? -1n : 1n)
  accepted.set(keyOf(String(source), String(orderId)), e4)
}

export async function readLanded(
  warehouse: Warehouse,
): Promise<{ key: string; changes: number; e4: bigint }[]> {
  const rows = await warehouse.query<{ source: string; order_id: string; changes: string; e4: string }>(
    `SELECT source, order_id, count() AS changes, toString(toInt128(sum(sign * gross) * 10000)) AS e4
     FROM revwall.v1_order_changes WHERE tenant = 'acme' GROUP BY source, order_id`,
  )
  return rows.map(({ source, order_id, changes, e4 }) => ({
    key: keyOf(source, order_id),
    changes: Number(changes),
    e4: BigInt(e4),
  }))
}

const LAND_WITHIN_MS = 30_000

/** Resolves when as many orders are there; throws when some are missing for too long. */
export async function untilLanded(warehouse: Warehouse, accepted: Accepted): Promise<void> {
  await waitUntil(`${accepted.size} orders`, LAND_WITHIN_MS, async () => {
    return (await readLanded(warehouse)).length >= accepted.size
  })
}

/** Both as sorted lines, for a comparison that shows what differs. An order that came once has one change. */
export async function compareLanded(warehouse: Warehouse, accepted: Accepted) {
  const line = (key: string, changes: number, e4: bigint) => `${key}: ${changes} change, ${e4}`
  const landed = await readLanded(warehouse)
  return {
    landed: landed.map(({ key, changes, e4 }) => line(key, changes, e4)).sort(),
    wanted: [...accepted].map(([key, e4]) => line(key, 1, e4)).sort(),
    sum: landed.reduce((sum, { e4 }) => sum + e4, 0n),
  }
}

/** JSON, so that what cannot be seen can be read. */
const keyOf = (source: string, orderId: string) => JSON.stringify([source, orderId])
