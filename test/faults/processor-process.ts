/**
 * An orders processor that is a process of its own, for signals that cannot be played. It may stop or kill itself at
 * one place of the protocol. Its only argument is a ProcessPlan as JSON; it ends in good order on SIGTERM.
 */
import { writeSync } from 'node:fs'
import { connectWarehouse, type WarehouseLogin } from '../../clickhouse/connect-warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { startOrdersProcessor } from '../../processors/orders/process-orders.ts'
import { type LogPlace, openLogAt } from './log-place.ts'
import { LIMITS } from './processors.ts'
import { atStep, type StepPlace } from './step-hook.ts'
import { duringInsert, type UncertainInsert, withUncertainInsert } from './uncertain-warehouse.ts'

export interface ProcessPlan {
  login: WarehouseLogin
  database: string
  run: string
  place: LogPlace
  partitions: number
  sessionTimeoutMs: number
  tenants: TenantConfig[]
  signal?: 'SIGKILL' | 'SIGSTOP'
  /** Where the signal hits: at a step, or some time after the nth insert was begun. */
  at?: StepPlace
  during?: { nth: number; ms: number }
  uncertain?: UncertainInsert
  maxRecords?: number
}

const plan = JSON.parse(process.argv[2] ?? '') as ProcessPlan

/** Not `console.log`: what a pipe still holds back in this process would die with it. */
const say = (line: string) => void writeSync(1, `${line}\n`)

const hit = () => {
  say('hit')
  process.kill(process.pid, plan.signal ?? 'SIGKILL')
}

function warehouseOf({ login, uncertain, during }: ProcessPlan) {
  const plain = connectWarehouse(login)
  if (uncertain) return withUncertainInsert(plain, uncertain)
  return during ? duringInsert(plain, during, hit) : plain
}

const log = await openLogAt(plan.place, plan.sessionTimeoutMs)
for (const { name, partitions, retentionMs } of Object.values(TOPICS))
  await log.ensureTopic(name, { partitions: name === 'orders' ? plan.partitions : partitions, retentionMs })
const warehouse = warehouseOf(plan)
const processor = await startOrdersProcessor({
  warehouse,
  database: plan.database,
  log,
  clock: systemClock,
  logger: silentLogger,
  context: {
    run: plan.run,
    topic: 'orders',
    incarnation: log.incarnation,
    code: 'child',
    serverStart: 0,
    tenants: new Map(plan.tenants.map((tenant) => [tenant.id, tenant])),
  },
  limits: { ...LIMITS, maxRecords: plan.maxRecords ?? LIMITS.maxRecords },
  onStep: plan.at ? atStep(plan.at, hit) : () => {},
})
process.once('SIGTERM', async () => {
  await processor.stop()
  await log.close()
  await warehouse.close()
})
say('ready')
