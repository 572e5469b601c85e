/**
 * From the acknowledged append of orders to the frame that counts them, over the real websocket. They are appended by
 * this process to the folder's log, as another ingest worker would do it; nothing waits for the frames.
 */
import { join } from 'node:path'
import { encodeOrdersEvent } from '../core/contracts/encode-event.ts'
import { LIVE_PATH } from '../core/contracts/live-path.ts'
import { type OrderEventInput, orderKey } from '../core/contracts/order.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog, NewRecord } from '../core/log/event-log.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import type { Measurement } from './measurement.ts'
import { quantile } from './quantile.ts'
import { withFolder, withRevwall } from './run-revwall.ts'
import { type Watch, watchFigure } from './watch-figure.ts'

const RATES = [100, 1_000, 5_000]
const SECONDS = 20
/** Left out: code that is compiled, connections that are made. */
const WARM_SECONDS = 5
/** An append for each tick, as a source that polls or takes webhooks would make them. */
const TICK_MS = 10
const AIMED_RATE = 1_000
const AIM_P99_MS = 250
const LOOK_AGAIN_MS = 50
const READY_MS = 60_000

export async function measureLatency(): Promise<Measurement[]> {
  const results: Measurement[] = []
  for (const rate of RATES) {
    const latencies = await withFolder((folder) =>
      withRevwall(['up', '--no-replay'], folder, ({ url }) => measureAt(rate, folder, url)),
    )
    const at = rate === AIMED_RATE ? '' : `_at_${rate}`
    const result = (quantity: 'p50' | 'p99', q: number, aim: number | null): Measurement => ({
      name: `embedded.order_to_frame_${quantity}${at}_ms`,
      value: quantile(latencies, q),
      unit: 'ms',
      aim,
      lowerIsBetter: true,
    })
    results.push(result('p50', 0.5, null), result('p99', 0.99, rate === AIMED_RATE ? AIM_P99_MS : null))
  }
  return results
}

function measureAt(rate: number, folder: string, url: string): Promise<number[]> {
  return withWatch(folder, url, async (log, watch) => {
    const latencies = await sendAndWait(rate, log, watch)
    return latencies.sort((a, b) => a - b)
  })
}

/** A log to append to, once the processors have opened it, and the wall that counts what comes of it. */
export async function withWatch<T>(
  folder: string,
  url: string,
  work: (log: EventLog, watch: Watch) => Promise<T>,
): Promise<T> {
  // A log that holds records before it was opened is refused.
  await untilReady(url)
  const log = await openEmbeddedLog({ folder: join(folder, 'log') })
  const watch = await watchFigure(`${url.replace('http', 'ws')}${LIVE_PATH}`, ({ orders }) => orders)
  try {
    return await work(log, watch)
  } finally {
    watch.close()
    await log.close()
  }
}

async function untilReady(url: string): Promise<void> {
  const until = performance.now() + READY_MS
  for (;;) {
    const answer = await fetch(`${url}/readyz`)
    if (answer.ok) return
    if (performance.now() > until) throw new Error(`not ready within a minute: ${await answer.text()}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/**
 * Of each append: from its acknowledgement to the frame that counts its last order. `before`: orders that there are;
 * `onAcknowledged` is told each last order, behind the first seconds.
 */
export async function sendAndWait(
  rate: number,
  log: EventLog,
  watch: Watch,
  before = 0,
  onAcknowledged: (last: number) => void = () => {},
): Promise<number[]> {
  const latencies: Promise<number>[] = []
  const orders = (rate * TICK_MS) / 1_000
  const ticks = ((WARM_SECONDS + SECONDS) * 1_000) / TICK_MS
  const startedAt = performance.now()
  for (let tick = 0; tick < ticks; tick++) {
    const first = before + tick * orders + 1
    await log.append(
      'orders',
      Array.from({ length: orders }, (_, i) => recordOf(first + i)),
    )
    const acknowledgedAt = performance.now()
    const reached = watch.reached(first + orders - 1).then((at) => Math.max(0, at - acknowledgedAt))
    // Told when all were sent.
    reached.catch(() => {})
    if (tick * TICK_MS >= WARM_SECONDS * 1_000) {
      latencies.push(reached)
      onAcknowledged(first + orders - 1)
    }
    const due = startedAt + (tick + 1) * TICK_MS
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
  }
  return Promise.all(latencies)
}

/** Order number i, placed just now. */
export function recordOf(i: number): NewRecord {
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
    customerId: `c${i % 5_000}`,
    lines: [1, 2, 3].map((n) => ({
      sku: `s${(i * n) % 997}`,
      name: `Article ${(i * n) % 997}`,
      quantity: '1',
      unitPrice: '9.99',
    })),
  }
  return { partition: 0, key: orderKey(event), ...encodeOrdersEvent(event) }
}
