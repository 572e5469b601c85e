/** The workers that compute, as the partition loops see them. Shared by all of a process: their states and columns are large. */
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { programPart } from '../../core/runtime/program.ts'
import {
  type BatchContext,
  type ComputedBatch,
  type MarkPosition,
  serverStartOf,
  type TakenBatch,
} from './batch.ts'
import type { Run } from './compute-tasks.ts'
import { startLoading } from './load-state.ts'
import { buffersOf } from './packed-batch.ts'
import { type BaseScope, readRows } from './read-base.ts'

export interface ComputePool {
  /**
   * The state of a partition at a mark. It is made from the base table in the background, page by page; until that is
   * done, the table is asked for each order that is not known yet.
   */
  open(scope: BaseScope, context: BatchContext, mark: number): Promise<PartitionComputer>
  /** Tasks that wait for a thread. */
  queued(): number
  close(): Promise<void>
}

export interface PartitionComputer {
  readonly orders: number
  /** Not all orders are known yet, so that batches should be small: new ones are asked for, too. */
  readonly isLoading: boolean
  /** Builds on the batch that was computed last, landed or not. `refused`: of one record, which is to be set aside. */
  compute(taken: TakenBatch, from: MarkPosition, refused?: string): Promise<ComputedBatch>
  /** Resolves when all orders are known, or with false when it was closed before; rejects as the next `compute` would. */
  whole(): Promise<boolean>
  /** The oldest batch that had not landed has. The worker hears of it with the next task; an error comes with that. */
  landed(to: number): void
  /** All that was computed and has not landed is forgotten. */
  rollBack(): Promise<void>
  close(): Promise<void>
}

/** More of them would wait for ClickHouse. Each holds the columns of its largest batch, about 100 MB. */
const MAX_THREADS = 4
/** As many as there are cores, within reason. */
export const COMPUTE_THREADS = Math.min(availableParallelism(), MAX_THREADS)

/**
 * A partition is always computed by the same thread. `scratch`: a folder for states that memory has no room for; without
 * one, and where its disk is full, the base table is asked for them.
 */
export function createComputePool(threads = COMPUTE_THREADS, scratch?: string): ComputePool {
  const { file, execArgv } = programPart('processors/orders/compute.worker.ts')
  const one = {
    filename: file,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv,
  }
  const workers = Array.from({ length: threads }, () => new Piscina(one))
  // Whatever one of them throws is a bug: what is expected of records becomes letters.
  const pools = workers.map((worker) =>
    poolOver(
      (task, transferList) => worker.run(task, { transferList }),
      () => worker.destroy(),
      { queued: () => worker.queueSize, scratch },
    ),
  )
  return {
    open: (scope, context, mark) => pools[context.partition % threads]!.open(scope, context, mark),
    queued: () => pools.reduce((sum, pool) => sum + pool.queued(), 0),
    close: async () => {
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}

interface PoolOptions {
  queued?: () => number
  scratch?: string | undefined
}

/** A pool over whoever carries out the tasks, one after the other. */
export function poolOver(run: Run, close: () => Promise<void>, more: PoolOptions = {}): ComputePool {
  const { queued = () => 0, scratch } = more
  let opened = 0
  return {
    open: async (scope, context, mark) => {
      opened += 1
      const id = opened
      await run({ type: 'open', id, context: plainContext(context), mark, scratch }, [])
      return partitionComputer({ id, scope, context, run, mark })
    },
    queued,
    close,
  }
}

interface Opened {
  id: number
  scope: BaseScope
  context: BatchContext
  run: Run
  mark: number
}

function partitionComputer({ id, scope, context, run, ...opened }: Opened): PartitionComputer {
  let { mark } = opened
  let orders = 0
  // Told with the next task: the worker may have batches of other partitions to compute before it has an ear for this one.
  const landed: number[] = []
  const loading = startLoading({ id, scope, run, ...opened }, (count) => {
    orders = count
  })
  return {
    get orders() {
      return orders
    },
    get isLoading() {
      return loading.isUnderWay()
    },
    whole: () => loading.done,
    compute: async (taken, from, refused) => {
      // A state that stays in part is right, but slow for ever: whoever computes on begins with a new one.
      if (!loading.isUnderWay()) await loading.done
      const { packed } = taken
      const progress = [...from.progress.values()]
      const serverStart = serverStartOf(context)
      const input = {
        type: 'compute',
        id,
        packed,
        progress,
        serverStart,
        refused,
        landed: landed.splice(0),
      } as const
      let answer = await run(input, buffersOf(packed))
      if (answer.type === 'asks')
        answer = await run({ type: 'answer', id, base: await readRows(scope, mark, answer.keys) }, [])
      if (answer.type !== 'batch') throw new Error(`the worker answered ${answer.type}`)
      orders = answer.batch.orders
      return answer.batch
    },
    landed: (to) => {
      landed.push(to)
      mark = to
    },
    rollBack: async () => {
      await run({ type: 'rollBack', id, landed: landed.splice(0) }, [])
    },
    close: async () => {
      await loading.stop()
      await run({ type: 'close', id }, [])
    },
  }
}

/** The context that is handed on may have another behind it; between threads only own fields travel. */
function plainContext(context: BatchContext): BatchContext {
  const { run, topic, partition, incarnation, code, serverStart, tenants } = context
  return { run, topic, partition, incarnation, code, serverStart, tenants }
}
