/** A start that fails half-way ends what it has begun: its process could not end else, and who tries again would have two. */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../clickhouse/migrations/migrate.ts'
import { FIRST_RUN } from '../clickhouse/runs/run.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { TOPICS } from '../core/contracts/topics.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { readConfig } from '../core/runtime/env.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { createComputePool } from '../processors/orders/compute-pool.ts'
import { startTestEngine, type TestEngine } from '../test/with-engine.ts'
import { startProcessors } from './start-processors.ts'

/** The reconciler's first round begins 3 s after its start. */
const ROUND_MS = 4_000

let engine: TestEngine
let log: EventLog
const folder = join(tmpdir(), `revwall-start-${randomUUID()}`)
const pool = createComputePool()

beforeAll(async () => {
  engine = await startTestEngine()
  await migrate(engine.warehouse, FIRST_RUN)
  log = await openEmbeddedLog({ folder })
  for (const topic of Object.values(TOPICS)) await log.ensureTopic(topic.name, topic)
})
afterAll(async () => {
  await pool.close()
  await log?.close()
  await engine?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const away = async (): Promise<never> => {
  throw new RevwallError('LOG_UNREACHABLE', 'no broker')
}

function start(given: EventLog, warehouse: Warehouse, analytics?: string, registry = new Registry()) {
  const config = readConfig({ REVWALL_DATA: folder, REVWALL_ANALYTICS: analytics })
  return startProcessors({
    ...{ config, warehouse, log: given, pool },
    ...{ logger: silentLogger, registry },
  })
}

/** What deploy/grafana shows of them. */
const ANALYTICS_METRICS = [
  ...['revwall_rfm_lag_seconds', 'revwall_forecasts_behind_days', 'revwall_values_behind_days'],
  ...['revwall_forecast_series_total', 'revwall_orders_judged_total', 'revwall_incidents_open'],
  ...['revwall_forecasts_queue_tasks', 'revwall_values_queue_tasks', 'revwall_order_models_queue_tasks'],
  ...['revwall_pool_wait_seconds', 'revwall_pool_run_seconds', 'revwall_pool_restarts_total'],
]

it.each([
  [undefined, ['anomalies-r1', 'forecasts-r1', 'incidents-r1', 'pace-r1', 'rfm-r1', 'values-r1']],
  ['off', []],
])('leads what is computed from orders, unless told not to: REVWALL_ANALYTICS %s', async (analytics, led) => {
  const joined: string[] = []
  const join: EventLog['join'] = (group, ...rest) => {
    joined.push(group)
    return log.join(group, ...rest)
  }
  const listening = { ...log, incarnation: log.incarnation, join }
  const registry = new Registry()
  const processors = await start(listening, engine.warehouse, analytics, registry)
  await processors.stop()
  const told = ANALYTICS_METRICS.filter((name) => registry.getSingleMetric(name) !== undefined)
  expect(told).toEqual(led.length > 0 ? ANALYTICS_METRICS : [])
  expect(joined.filter((group) => !group.startsWith('orders')).sort()).toEqual(led)
})

it.each([
  ['the group cannot be joined', () => ({ ...log, join: away })],
  ['the ends of the log cannot be read', () => ({ ...log, incarnation: log.incarnation, bounds: away })],
])('asks nothing more when %s', async (_, broken) => {
  // Else the opening marks need the bounds first.
  const processors = await start(log, engine.warehouse)
  await processors.stop()
  let asked = 0
  const counted: Warehouse = {
    ...engine.warehouse,
    query: (...args) => {
      asked += 1
      return engine.warehouse.query(...args)
    },
  }
  await expect(start(broken(), counted)).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' })
  const before = asked
  expect(before).toBeGreaterThan(0)
  await delay(ROUND_MS)
  expect(asked).toBe(before)
})
