/**
 * revwall beside what else puts a topic into ClickHouse, in one run: a plain kafkajs consumer, and ClickHouse's own Kafka
 * engine. First how fast they are; then what each shows in the end when orders are edited and refunded and the process
 * that reads is killed three times.
 */

import { sumToE4 } from '../core/contracts/money.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Broker } from '../deploy/kafka/start-broker.ts'
import { openMarks } from '../processors/orders/open-marks.ts'
import { benchRecord } from './bench-order.ts'
import { attachKafkaEngine } from './contenders/kafka-engine.ts'
import { type Contender, startContender } from './contenders/start-contender.ts'
import { changedEvents, recordOf, type Truth, truthOf } from './contenders/wrong-orders.ts'
import { withKafkaBed } from './kafka-bed.ts'
import { rate } from './measure-pipeline.ts'
import type { Measurement } from './measurement.ts'
import { type Bed, DATABASE } from './pipeline-bed.ts'

const ORDERS = 400_000
const BATCHES = [10_000, 50_000, 100_000]
const CHANGED_ORDERS = 120_000
const CHANGED_BATCH = 5_000
const KILLS = 3
const APPEND = 5_000
/** What kafkajs has by default. */
const USUAL_SESSION_MS = 30_000
/** The shortest that a broker allows, so that the next one is not waited for. */
const SHORT_SESSION_MS = 6_000
const POLL_MS = 50
/** Nothing comes any more: longer than a dead member's session. */
const QUIET_MS = 12_000
const GIVE_UP_MS = 300_000

interface Setting {
  bed: Bed
  broker: Broker
  prefix: string
  batch: number
  sessionMs: number
}

interface Kind {
  name: 'revwall' | 'consumer' | 'engine'
  /** Begins, and resolves with what kills it. A contender within the server dies with the server, and comes back with it. */
  start(setting: Setting): Promise<Contender>
  isInServer?: boolean
}

const KINDS: readonly Kind[] = [
  {
    name: 'revwall',
    start: async ({ bed, broker, prefix, batch }) =>
      startContender('revwall-processor', {
        broker: broker.address,
        prefix,
        login: bed.login,
        database: DATABASE,
        batch,
      }),
  },
  {
    name: 'consumer',
    start: async ({ bed, broker, prefix, batch, sessionMs }) =>
      startContender('plain-consumer', {
        broker: broker.address,
        topic: `${prefix}orders`,
        group: `${prefix}plain-${batch}`,
        login: bed.login,
        database: DATABASE,
        batch,
        sessionMs,
      }),
  },
  {
    name: 'engine',
    isInServer: true,
    start: async ({ bed, broker, prefix, batch }) => {
      await attachKafkaEngine(bed.warehouse, {
        broker: broker.address,
        topic: `${prefix}orders`,
        group: `${prefix}engine-${batch}`,
        database: DATABASE,
        batch,
      })
      return { kill: async () => bed.kill() }
    },
  },
]

export async function measureKafkaRivals(broker: Broker): Promise<Measurement[]> {
  await fill(broker, 'speed.', ORDERS, (at) => benchRecord(at, 'json'))
  const speeds: Measurement[] = []
  for (const kind of KINDS.filter(({ name }) => name !== 'revwall')) {
    let best = { perSecond: 0, batch: 0 }
    for (const batch of BATCHES) {
      const perSecond = await withKafkaBed(broker, 'speed.', (bed) =>
        speedOf(kind, { bed, broker, prefix: 'speed.', batch, sessionMs: USUAL_SESSION_MS }),
      )
      if (perSecond > best.perSecond) best = { perSecond, batch }
    }
    console.log(
      `${kind.name}: ${best.perSecond.toFixed()} orders a second, at best with batches of ${best.batch}`,
    )
    speeds.push(rate(`kafka.${kind.name}_orders_per_second`, best.perSecond, null))
  }
  const events = changedEvents(CHANGED_ORDERS)
  await fill(broker, 'changed.', CHANGED_ORDERS, (at) => recordOf(events[at]!))
  const truth = truthOf(events)
  const wrong: Measurement[] = []
  for (const kind of KINDS) wrong.push(...(await wrongnessOf(kind, broker, truth)))
  return [...speeds, ...wrong]
}

function fill(
  broker: Broker,
  prefix: string,
  count: number,
  record: (at: number) => ReturnType<typeof benchRecord>,
): Promise<void> {
  return withKafkaBed(broker, prefix, async ({ log }) => {
    for (let at = 0; at < count; at += APPEND)
      await log.append(
        'orders',
        Array.from({ length: APPEND }, (_, i) => record(at + i)),
      )
  })
}

async function speedOf(kind: Kind, setting: Setting): Promise<number> {
  const contender = await kind.start(setting)
  try {
    // From its first rows on: a group takes its time to gather, and that is no speed.
    const first = await rowsReach(setting.bed, 1)
    const firstAt = performance.now()
    const last = await rowsReach(setting.bed, ORDERS)
    return ((last - first) / (performance.now() - firstAt)) * 1_000
  } finally {
    await contender.kill()
  }
}

async function wrongnessOf(kind: Kind, broker: Broker, truth: Truth): Promise<Measurement[]> {
  const prefix = 'changed.'
  const shown = await withKafkaBed(broker, prefix, async (bed) => {
    const setting = { bed, broker, prefix, batch: CHANGED_BATCH, sessionMs: SHORT_SESSION_MS }
    if (kind.name === 'revwall') await openMarksOf(bed)
    let contender = await kind.start(setting)
    for (let kill = 1; kill <= KILLS; kill++) {
      await rowsReach(bed, (CHANGED_ORDERS * kill) / (KILLS + 1))
      await contender.kill()
      if (!kind.isInServer) contender = await kind.start(setting)
    }
    await rowsReach(bed, truth.orders)
    await untilQuiet(bed)
    const totals = await totalsOf(bed)
    await contender.kill()
    return totals
  })
  const orders = shown.orders - truth.orders
  const revenue = Number(shown.revenueE4 - truth.revenueE4) / 10_000
  console.log(
    `${kind.name}: after ${KILLS} × kill -9, edits and refunds it shows ${shown.orders} orders (${orders} too many) and ${revenue.toFixed(2)} too much revenue`,
  )
  const one = (name: string, value: number, unit: Measurement['unit']): Measurement => ({
    ...{ name: `kafka.wrong_${kind.name}_${name}`, value: Math.abs(value), unit, lowerIsBetter: true },
    aim: kind.name === 'revwall' ? 0 : null,
  })
  return [one('orders', orders, 'orders'), one('revenue', revenue, 'difference')]
}

/** The log is full already, and the table empty on purpose. */
async function openMarksOf({ log, warehouse }: Bed): Promise<void> {
  const context = {
    ...{ run: 'r1', topic: 'orders', incarnation: log.incarnation, code: 'bench', serverStart: 0 },
    tenants: new Map(),
  }
  await openMarks({ warehouse, database: DATABASE, log, context, takeLog: true, now: systemClock.now() })
}

/** Resolves with the rows there are; a server that is being started again has none for the moment. */
async function rowsReach(bed: Bed, wanted: number): Promise<number> {
  const until = performance.now() + GIVE_UP_MS
  for (;;) {
    const rows = await rowsOf(bed).catch(() => 0)
    if (rows >= wanted) return rows
    if (performance.now() > until) throw new Error(`${wanted} rows did not come, only ${rows}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function rowsOf({ warehouse }: Bed): Promise<number> {
  const [row] = await warehouse.query<{ rows: string }>(
    `SELECT count() AS rows FROM ${DATABASE}.order_changes WHERE sign != 0`,
  )
  return Number(row!.rows)
}

async function untilQuiet(bed: Bed): Promise<void> {
  let rows = -1
  let since = performance.now()
  while (performance.now() - since < QUIET_MS) {
    const now = await rowsOf(bed).catch(() => rows)
    if (now !== rows) since = performance.now()
    rows = now
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function totalsOf({ warehouse }: Bed): Promise<Truth> {
  const [row] = await warehouse.query<{ orders: string; revenue: string }>(
    `SELECT sum(booked_orders) AS orders, sum(booked_revenue) AS revenue FROM ${DATABASE}.headline_v1`,
  )
  return { orders: Number(row!.orders), revenueE4: sumToE4(row!.revenue) }
}
