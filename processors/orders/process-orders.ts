/** The orders processor: joins the group, runs each partition that it is given, and tells how it is. */
import { say, type Told } from '../../core/contracts/sayings.ts'
import type { EventLog, GroupMembership } from '../../core/log/event-log.ts'
import { isPassingLogError } from '../../core/log/passing-error.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { BatchContext } from './batch.ts'
import { type ComputePool, createComputePool } from './compute-pool.ts'
import { groupOf, type PartitionEvent, type PartitionOptions, runPartition } from './partition-loop.ts'
import { NOT_OPENED } from './recover-partition.ts'

export interface OrdersProcessorOptions
  extends Omit<PartitionOptions, 'signal' | 'context' | 'onEvent' | 'pool'> {
  log: EventLog
  context: Omit<BatchContext, 'partition'>
  onEvent?: (partition: number, event: PartitionEvent) => void
  /** One that is running already; else it has one of its own. */
  pool?: ComputePool
}

/** `message`: what it waits for, or why it halted; empty when all is well. */
export interface ProcessorHealth extends Told {
  state: 'running' | 'recovering' | 'halted'
  /** It waits for the log, and takes nothing meanwhile. */
  isStuck?: boolean
}

export interface OrdersProcessor {
  health(): ProcessorHealth
  /** Lets the batch under way end, leaves the group, and resolves when nothing runs any more. */
  stop(): Promise<void>
}

interface Running {
  abort: AbortController
  done: Promise<void>
  health: ProcessorHealth
}

const RECOVER_RETRY_MS = 1_000

export async function startOrdersProcessor(options: OrdersProcessorOptions): Promise<OrdersProcessor> {
  const running = new Map<number, Running>()
  const pool = options.pool ?? createComputePool()
  const joining = options.log.join(groupOf(options.context.run), options.context.topic, {
    onAssigned: (partitions) => {
      for (const partition of partitions)
        if (!running.has(partition)) running.set(partition, start(partition, { ...options, pool }))
    },
    onRevoked: (partitions) => stopAll(running, partitions),
  })
  // What was given before the joining failed would be written for ever.
  const membership = await joining.catch(async (error) => {
    await stopAll(running, [...running.keys()])
    if (options.pool === undefined) await pool.close()
    throw error
  })
  return {
    health: () => worst(running),
    stop: async () => {
      await stop(membership, running)
      if (options.pool === undefined) await pool.close()
    },
  }
}

type RunningOptions = OrdersProcessorOptions & { pool: ComputePool }

function start(partition: number, options: RunningOptions): Running {
  const abort = new AbortController()
  const running: Running = {
    abort,
    done: Promise.resolve(),
    health: { state: 'recovering', ...say('processor.starting') },
  }
  running.done = keepRunning(partition, options, running).finally(() =>
    options.onEvent?.(partition, { type: 'left' }),
  )
  return running
}

/** Errors of the connection pass and are waited for; whatever recovery refuses halts, for a person to act. */
async function keepRunning(partition: number, options: RunningOptions, running: Running): Promise<void> {
  const { signal } = running.abort
  const onEvent = (event: PartitionEvent) => {
    // It says nothing of what is waited for.
    if (!SILENT.has(event.type)) running.health = healthAfter(event)
    options.onEvent?.(partition, event)
  }
  while (!signal.aborted) {
    try {
      await runPartition({ ...options, context: contextOf(partition, options.context), signal, onEvent })
    } catch (error) {
      if (signal.aborted) return
      const passes = isPassing(error)
      if (!passes) {
        onEvent({ type: 'halted', code: errorCode(error) ?? '', why: errorMessage(error) })
        options.logger.error('the orders processor halted', { partition, error })
        return
      }
      onEvent({ type: 'waiting', code: errorCode(error) ?? '', why: errorMessage(error) })
      if (isPassingLogError(error)) running.health.isStuck = true
      options.logger.warn('the orders processor waits', { partition, why: errorMessage(error) })
      await options.clock.sleep(RECOVER_RETRY_MS, signal)
    }
  }
}

/** Not a copy: the server's start changes while a processor runs, and each mark tells the one it was written under. */
function contextOf(partition: number, shared: Omit<BatchContext, 'partition'>): BatchContext {
  return Object.assign(Object.create(shared), { partition })
}

/** A partition that is not opened yet will be; of a log that was trimmed, recovery says what is lost and what to do. */
const TOLD_BETTER = new Set([NOT_OPENED, 'LOG_TRIMMED'])

function isPassing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return false
  return code.startsWith('CLICKHOUSE_') || TOLD_BETTER.has(code) || isPassingLogError(error)
}

const SILENT: ReadonlySet<PartitionEvent['type']> = new Set(['loaded', 'left', 'ended'])

function healthAfter(event: PartitionEvent): ProcessorHealth {
  if (event.type === 'halted') return { state: 'halted', message: event.why, code: event.code }
  if (event.type === 'waiting') return { state: 'recovering', message: event.why, code: event.code }
  if (event.type === 'fenced') return { state: 'recovering', ...say('processor.fenced') }
  return { state: 'running', message: '' }
}

function worst(running: ReadonlyMap<number, Running>): ProcessorHealth {
  const all = [...running.values()].map((r) => r.health)
  return (
    all.find((health) => health.state === 'halted') ??
    all.find((health) => health.isStuck) ??
    all.find((health) => health.state === 'recovering') ?? { state: 'running', message: '' }
  )
}

async function stopAll(running: Map<number, Running>, partitions: readonly number[]): Promise<void> {
  const ending = partitions.flatMap((partition) => running.get(partition) ?? [])
  for (const { abort } of ending) abort.abort()
  await Promise.all(ending.map(({ done }) => done))
  for (const partition of partitions) running.delete(partition)
}

async function stop(membership: GroupMembership, running: Map<number, Running>): Promise<void> {
  await stopAll(running, [...running.keys()])
  await membership.leave()
}
