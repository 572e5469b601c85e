/** revwall's own orders processor as a process of its own, that can be killed. Its only argument is a ProcessorPlan as JSON. */
import { connectWarehouse, type WarehouseLogin } from '../../clickhouse/connect-warehouse.ts'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { DEMO_TENANT } from '../../core/runtime/env.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { BATCH_LIMITS } from '../../processors/orders/partition-loop.ts'
import { startOrdersProcessor } from '../../processors/orders/process-orders.ts'
import { ensureTopics } from '../pipeline-bed.ts'

export interface ProcessorPlan {
  broker: string
  prefix: string
  login: WarehouseLogin
  database: string
  /** Records of a batch, at the most. */
  batch: number
}

const plan = JSON.parse(process.argv[2] ?? '') as ProcessorPlan
const login = { brokers: [plan.broker], ssl: false, sasl: undefined }
const log = await openKafkaLog({
  ...login,
  prefix: plan.prefix,
  logger: silentLogger,
  sessionTimeoutMs: 6_000,
})
await ensureTopics(log)
await startOrdersProcessor({
  warehouse: connectWarehouse(plan.login),
  database: plan.database,
  log,
  clock: systemClock,
  logger: silentLogger,
  context: {
    run: 'r1',
    topic: 'orders',
    incarnation: log.incarnation,
    code: 'bench',
    serverStart: 0,
    tenants: new Map([[DEMO_TENANT.id, DEMO_TENANT]]),
  },
  limits: { ...BATCH_LIMITS, maxRecords: plan.batch },
  onStep: () => {},
  onEvent: (_, event) => {
    if (event.type !== 'halted') return
    console.error(event.why)
    process.exit(1)
  },
})
