/** Orders processors inside the test's process, each with a handle of the log of its own. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { type Logger, silentLogger } from '../../core/runtime/logger.ts'
import type { PartitionEvent, StepHook } from '../../processors/orders/partition-loop.ts'
import { type OrdersProcessor, startOrdersProcessor } from '../../processors/orders/process-orders.ts'
import type { World } from './world.ts'

/** Small batches and short pauses: many steps in little time. */
export const LIMITS = { maxRecords: 12, maxBytes: 16e6, minIntervalMs: 5, progressIntervalMs: 50 }

export interface ProcessorOptions {
  onStep?: StepHook
  onEvent?: (partition: number, event: PartitionEvent) => void
  warehouse?: Warehouse
  code?: string
  limits?: Partial<typeof LIMITS>
}

export interface TestProcessor extends OrdersProcessor {
  /** Everything that it told, oldest first. */
  events: { partition: number; event: PartitionEvent }[]
  /** Why it halted, partition by partition. */
  halts: { code: string; message: string }[]
}

export async function startProcessor(world: World, options: ProcessorOptions = {}): Promise<TestProcessor> {
  const log = await world.openLog()
  const told: Pick<TestProcessor, 'events' | 'halts'> = { events: [], halts: [] }
  const processor = await startOrdersProcessor({
    warehouse: options.warehouse ?? world.host.warehouse,
    database: world.database,
    log,
    clock: systemClock,
    logger: haltsInto(told.halts),
    context: { ...world.context(), code: options.code ?? 'v1' },
    limits: { ...LIMITS, ...options.limits },
    onStep: options.onStep ?? (() => {}),
    onEvent: (partition, event) => {
      told.events.push({ partition, event })
      options.onEvent?.(partition, event)
    },
  })
  return { ...processor, ...told, stop: () => processor.stop().finally(() => log.close()) }
}

/** A processor for as long as the work takes. */
export async function whileProcessing(
  world: World,
  work: (processor: TestProcessor) => Promise<void>,
  options: ProcessorOptions = {},
): Promise<void> {
  const processor = await startProcessor(world, options)
  try {
    await work(processor)
  } finally {
    await processor.stop()
  }
}

function haltsInto(halts: TestProcessor['halts']): Logger {
  return {
    ...silentLogger,
    error: (_message, fields) => {
      const { code = '', message = '' } = (fields?.error ?? {}) as { code?: string; message?: string }
      halts.push({ code, message })
    },
  }
}
