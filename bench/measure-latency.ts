/**
 * From the acknowledged append of an order to the frame that counts it, over the real websocket. Orders come one by one
 * from this process into the folder's log, as another ingest worker would append them.
 */
import { join } from 'node:path'
import { LIVE_PATH } from '../core/contracts/live-path.ts'
import type { OrderEventInput } from '../core/contracts/order.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import type { Measurement } from './measurement.ts'
import { withRevwall } from './run-revwall.ts'
import { watchOrders } from './watch-orders.ts'

const PER_SECOND = 20
const ORDERS = 400

export async function measureLatency(): Promise<Measurement[]> {
  const latencies = await withRevwall(['--no-replay'], async ({ folder, url }) => {
    const log = await openEmbeddedLog({ folder: join(folder, 'log') })
    const watch = await watchOrders(`${url.replace('http', 'ws')}${LIVE_PATH}`)
    try {
      return await sendAndWait(log, watch)
    } finally {
      watch.close()
      await log.close()
    }
  })
  latencies.sort((a, b) => a - b)
  return [
    {
      name: 'live.order_to_frame_p50_ms',
      value: quantile(latencies, 0.5),
      unit: 'ms',
      aim: null,
      lowerIsBetter: true,
    },
    {
      name: 'live.order_to_frame_p99_ms',
      value: quantile(latencies, 0.99),
      unit: 'ms',
      aim: 250,
      lowerIsBetter: true,
    },
  ]
}

async function sendAndWait(log: EventLog, watch: Awaited<ReturnType<typeof watchOrders>>): Promise<number[]> {
  const latencies: Promise<number>[] = []
  for (let i = 1; i <= ORDERS; i++) {
    const due = performance.now() + 1_000 / PER_SECOND
    await log.append('orders', [recordOf(i)])
    const acknowledgedAt = performance.now()
    latencies.push(watch.reached(i).then((at) => Math.max(0, at - acknowledgedAt)))
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
  }
  return Promise.all(latencies)
}

function recordOf(i: number) {
  const at = new Date().toISOString()
  const event: OrderEventInput = {
    type: 'order',
    schemaVersion: 1,
    tenant: DEMO_TENANT.id,
    source: 'bench',
    orderId: String(i),
    version: 1,
    changedAt: at,
    status: 'completed',
    placedAt: at,
    currency: DEMO_TENANT.currency,
    customerId: `c${i % 50}`,
    lines: [1, 2, 3].map((n) => ({
      sku: `s${(i * n) % 97}`,
      name: 'Article',
      quantity: '1',
      unitPrice: '9.99',
    })),
  }
  return {
    partition: 0,
    key: `bench/${i}`,
    value: Buffer.from(JSON.stringify(event)),
    contentType: 'application/json' as const,
  }
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}
