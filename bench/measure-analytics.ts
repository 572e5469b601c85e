/**
 * What segments, forecasts and anomalies cost the numbers: the same load on the real command without them and with them, in
 * turns. First a burst, as fast as it goes, then a steady load behind it.
 */
import { FIRST_RUN } from '../clickhouse/runs/run.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { recordOf, sendAndWait, withWatch } from './measure-latency.ts'
import type { Measurement } from './measurement.ts'
import { median, quantile } from './quantile.ts'
import { withFolder, withRevwall } from './run-revwall.ts'
import { connectTo } from './steady-shop.ts'
import type { Watch } from './watch-figure.ts'

/** Who is measured first gains nothing by it (Thue and Morse), and what an idle machine does first counts for nobody. */
const TURNS = ['on', 'off', 'off', 'on', 'off', 'on', 'on', 'off'] as const
const WARM = 20_000
const BURST = 400_000
const APPEND = 5_000
const RATE = 1_000
const MOST_FEWER_ORDERS = 0.1
const MOST_LATER = 0.2
const MOST_TO_SEGMENT_MS = 2_000
const LOOK_AGAIN_MS = 50
const GIVE_UP_MS = 60_000

interface Turn {
  ordersPerSecond: number
  latencies: number[]
}

export async function measureAnalytics(): Promise<Measurement[]> {
  const turns: Record<(typeof TURNS)[number], Turn[]> = { off: [], on: [] }
  await takeTurn('off')
  for (const analytics of TURNS) {
    const turn = await takeTurn(analytics)
    console.log(
      `analytics ${analytics}: ${turn.ordersPerSecond.toFixed()} orders a second, p99 ${lateIn(turn, 0.99).toFixed()} ms`,
    )
    turns[analytics].push(turn)
  }
  const touched = await takeTouches()
  const perSecond = (of: Turn[]) => of.reduce((sum, turn) => sum + turn.ordersPerSecond, 0) / of.length
  // A turn in which the machine stood still for a second would decide for all of them.
  const late = (of: Turn[], q: number) => median(of.map((turn) => lateIn(turn, q)))
  const { off, on } = turns
  const ordersRatio = perSecond(on) / perSecond(off)
  const lateRatio = late(on, 0.99) / late(off, 0.99)
  return [
    ...(['off', 'on'] as const).flatMap((name) => [
      result(`orders_per_second_${name}`, perSecond(turns[name]), 'orders/s', null, false),
      result(`order_to_frame_p50_${name}_ms`, late(turns[name], 0.5), 'ms', null),
      result(`order_to_frame_p99_${name}_ms`, late(turns[name], 0.99), 'ms', null),
    ]),
    result('order_to_segment_p50_ms', quantile(touched, 0.5), 'ms', null),
    result('order_to_segment_p99_ms', quantile(touched, 0.99), 'ms', MOST_TO_SEGMENT_MS),
    result('orders_per_second_ratio', ordersRatio, 'ratio', 1 - MOST_FEWER_ORDERS, false),
    result('order_to_frame_p99_ratio', lateRatio, 'ratio', 1 + MOST_LATER),
  ]
}

function takeTurn(analytics: (typeof TURNS)[number]): Promise<Turn> {
  const env = { REVWALL_ANALYTICS: analytics }
  return withFolder((folder) =>
    withRevwall(['up', '--no-replay'], folder, ({ url }) => withWatch(folder, url, measureTurn), env),
  )
}

/**
 * Milliseconds, sorted, from the acknowledged append of an order until the row of its customer counts it, each order another
 * customer's. In a turn of its own: whoever asks for it all the time is a load too.
 */
function takeTouches(): Promise<number[]> {
  return withFolder((folder) =>
    withRevwall(['up', '--no-replay'], folder, ({ url }) =>
      withWatch(folder, url, async (log, watch) => {
        const warehouse = connectTo(folder)
        const open = new Map<number, number>()
        try {
          const sending = sendAndWait(RATE, log, watch, 0, (last) => open.set(last, performance.now()))
          const [touched] = await Promise.all([waitForTouches(warehouse, open, sending), sending])
          return touched.sort(ascending)
        } finally {
          await warehouse.close()
        }
      }),
    ),
  )
}

/** `open`: when which order was acknowledged. */
async function waitForTouches(
  warehouse: Warehouse,
  open: Map<number, number>,
  sending: Promise<unknown>,
): Promise<number[]> {
  let endedAt = Number.POSITIVE_INFINITY
  const end = () => {
    endedAt = performance.now()
  }
  // What it rejects with is told where it is awaited.
  void sending.then(end, end)
  const touched: number[] = []
  while (endedAt === Number.POSITIVE_INFINITY || open.size > 0) {
    const [row] = await warehouse.query<{ orders: string }>(
      `SELECT sum(orders) AS orders FROM ${FIRST_RUN.database}.customer_segments FINAL`,
    )
    const now = performance.now()
    for (const [last, acknowledgedAt] of open)
      if (last <= Number(row!.orders)) {
        touched.push(now - acknowledgedAt)
        open.delete(last)
      }
    if (now - endedAt > GIVE_UP_MS) throw new Error(`${open.size} orders touched no customer within a minute`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
  return touched
}

const ascending = (a: number, b: number) => a - b
const lateIn = ({ latencies }: Turn, q: number) => quantile([...latencies].sort(ascending), q)

function result(
  name: string,
  value: number,
  unit: Measurement['unit'],
  aim: number | null,
  lowerIsBetter = true,
): Measurement {
  return { name: `analytics.${name}`, value, unit, aim, lowerIsBetter }
}

async function measureTurn(log: EventLog, watch: Watch): Promise<Turn> {
  await append(log, 0, WARM)
  await watch.reached(WARM)
  const startedAt = performance.now()
  await append(log, WARM, BURST)
  const reachedAt = await watch.reached(WARM + BURST)
  const latencies = await sendAndWait(RATE, log, watch, WARM + BURST)
  return { ordersPerSecond: (BURST / (reachedAt - startedAt)) * 1_000, latencies }
}

async function append(log: EventLog, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += APPEND)
    await log.append(
      'orders',
      Array.from({ length: APPEND }, (_, i) => recordOf(at + i + 1)),
    )
}
