/**
 * A shop whose order number n is of n cents, straight into a log: the sum tells a missing order from one that came twice.
 * What else an order says follows from n too, so that any figure can be told without the system.
 */
import type { OrderEventInput } from '../../core/contracts/order.ts'
import { type EventLog, partitionOf } from '../../core/log/event-log.ts'

export const REGIONS = ['Norte', 'Sul'] as const
export const CUSTOMERS = 3
export const SKUS = 4

export interface Till {
  sell(count: number): Promise<void>
  /** Orders so far. */
  sold(): number
  /** Their revenue as ClickHouse prints it, or that of those that `counts` says. */
  revenue(counts?: (n: number) => boolean): string
}

export interface TillOptions {
  log: EventLog
  tenant: string
  currency: string
  /** When all of them are placed, ISO. */
  at: string
  /** Of another till before, which this one goes on from. */
  sold?: number
}

export function openTill({ log, tenant, currency, at, sold: before = 0 }: TillOptions): Till {
  let sold = before
  const numbers = () => Array.from({ length: sold }, (_, i) => i + 1)

  function orderOf(n: number): OrderEventInput {
    const total = (n / 100).toFixed(2)
    return {
      ...{
        type: 'order',
        schemaVersion: 1,
        tenant,
        source: 'shop',
        role: 'sale',
        orderId: `o-${n}`,
        version: 1,
      },
      ...{ changedAt: at, placedAt: at, status: 'completed', currency, total },
      region: REGIONS[n % REGIONS.length]!,
      customerId: `c-${n % CUSTOMERS}`,
      lines: [{ sku: `sku-${n % SKUS}`, name: `Thing ${n % SKUS}`, quantity: '1', unitPrice: total }],
    }
  }

  return {
    async sell(count) {
      const records = Array.from({ length: count }, (_, i) => {
        const order = orderOf(sold + i + 1)
        const key = `${tenant}/shop/${order.orderId}`
        const value = Buffer.from(JSON.stringify(order))
        const partition = partitionOf(key, log.partitions('orders'))
        return { partition, key, value, contentType: 'application/json' as const }
      })
      await log.append('orders', records)
      sold += count
    },
    sold: () => sold,
    revenue(counts = () => true) {
      const cents = numbers().reduce((sum, n) => sum + (counts(n) ? n : 0), 0)
      return (cents / 100).toFixed(2).replace(/\.?0+$/, '')
    },
  }
}
