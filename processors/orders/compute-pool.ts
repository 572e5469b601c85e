/** The worker that computes, as the partition loops see it. One for a process: its state and columns are large. */
import { Piscina } from 'piscina'
import { programPart } from '../../core/runtime/program.ts'
import type { BatchContext, ComputedBatch, MarkPosition, TakenBatch } from './batch.ts'
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
  /** The oldest batch that had not landed has. */
  landed(to: number): Promise<void>
  /** All that was computed and has not landed is forgotten. */
  rollBack(): Promise<void>
  close(): Promise<void>
}

export function createComputePool(): ComputePool {
  const { file, execArgv } = programPart('processors/orders/compute.worker.ts')
  const pool = new Piscina({
    filename: file,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv,
  })
  // Whatever it throws is a bug: what is expected of records becomes letters.
  return poolOver(
    (task, transferList) => pool.run(task, { transferList }),
    () => pool.destroy(),
  )
}

/** A pool over whoever carries out the tasks, one after the other. */
export function poolOver(run: Run, close: () => Promise<void>): ComputePool {
  let opened = 0
  return {
    open: async (scope, context, mark) => {
      opened += 1
      const id = opened
      await run({ type: 'open', id, context: plainContext(context), mark }, [])
      return partitionComputer({ id, scope, context, run, mark })
    },
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
      const { serverStart } = context
      const input = { type: 'compute', id, packed, progress, serverStart, refused } as const
      let answer = await run(input, buffersOf(packed))
      if (answer.type === 'asks')
        answer = await run({ type: 'answer', id, base: await readRows(scope, mark, answer.keys) }, [])
      if (answer.type !== 'batch') throw new Error(`the worker answered ${answer.type}`)
      orders = answer.batch.orders
      return answer.batch
    },
    landed: async (to) => {
      await run({ type: 'landed', id, to }, [])
      mark = to
    },
    rollBack: async () => {
      await run({ type: 'rollBack', id }, [])
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
