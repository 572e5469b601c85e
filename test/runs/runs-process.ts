/** The processors of all open runs as a process of its own. Its only argument is a RunsPlan as JSON; it ends on SIGTERM. */
import { Registry } from 'prom-client'
import { connectWarehouse, type WarehouseLogin } from '../../clickhouse/connect-warehouse.ts'
import { beatProcessor, wordOf } from '../../commands/processor-heartbeat.ts'
import { startRuns } from '../../commands/start-runs.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { readConfig } from '../../core/runtime/env.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { createComputePool } from '../../processors/orders/compute-pool.ts'

export interface RunsPlan {
  login: WarehouseLogin
  logFolder: string
  sessionTimeoutMs: number
  tenants: TenantConfig[]
  maxRecords: number
}

const plan = JSON.parse(process.argv[2] ?? '') as RunsPlan
const log = await openEmbeddedLog({ folder: plan.logFolder, sessionTimeoutMs: plan.sessionTimeoutMs })
const warehouse = connectWarehouse(plan.login)
const pool = createComputePool()
const processors = await startRuns({
  config: readConfig({ REVWALL_TENANTS: JSON.stringify(plan.tenants) }),
  warehouse,
  log,
  logger: { ...silentLogger, error: (message, fields) => console.error(message, fields) },
  registry: new Registry(),
  maxRecords: plan.maxRecords,
  pool,
})
const endBeat = beatProcessor({
  ...{ log, clock: systemClock, logger: silentLogger, now: () => wordOf(processors) },
})
process.once('SIGTERM', async () => {
  await endBeat()
  await processors.stop()
  await pool.close()
  await log.close()
  await warehouse.close()
})
