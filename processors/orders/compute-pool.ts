/** The worker that computes, as the partition loops see it. One for a process: its state and columns are large. */
import { Piscina } from 'piscina'
import { programPart } from '../../core/runtime/program.ts'
import type { BatchContext, ComputedBatch, MarkPosition, TakenBatch } from './batch.ts'
import type { ComputeAnswer, ComputeTask } from './compute-tasks.ts'
import { buffersOf, packBatch } from './packed-batch.ts'
import { type BaseScope, readFingerprints, readRows } from './read-base.ts'

export interface ComputePool {
  /** The state of a partition at a mark, made from the base table. */
  open(scope: BaseScope, context: BatchContext, mark: number): Promise<PartitionComputer>
  close(): Promise<void>
}

export interface PartitionComputer {
  readonly orders: number
  /** Builds on the batch that was computed last, landed or not. `refused`: of one record, which is to be set aside. */
  compute(taken: TakenBatch, from: MarkPosition, refused?: string): Promise<ComputedBatch>
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
      let orders = 0
      for await (const fingerprints of readFingerprints(scope, mark))
        orders = (await runDone(run({ type: 'load', id, fingerprints }, [fingerprints.buffer]))).orders
      return partitionComputer({ id, scope, context, run, mark, orders })
    },
    close,
  }
}

/** Carries out a task. What is on the list is handed over, and gone here. */
export type Run = (task: ComputeTask, transferList: ArrayBuffer[]) => Promise<ComputeAnswer>

interface Opened {
  id: number
  scope: BaseScope
  context: BatchContext
  run: Run
  mark: number
  orders: number
}

function partitionComputer({ id, scope, context, run, ...opened }: Opened): PartitionComputer {
  let { mark, orders } = opened
  return {
    get orders() {
      return orders
    },
    compute: async (taken, from, refused) => {
      const { packed = packBatch(taken) } = taken
      taken.packed = undefined
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
      await run({ type: 'close', id }, [])
    },
  }
}

async function runDone(answer: Promise<ComputeAnswer>) {
  const done = await answer
  if (done.type !== 'done') throw new Error(`the worker answered ${done.type}`)
  return done
}

/** The context that is handed on may have another behind it; between threads only own fields travel. */
function plainContext(context: BatchContext): BatchContext {
  const { run, topic, partition, incarnation, code, serverStart, tenants } = context
  return { run, topic, partition, incarnation, code, serverStart, tenants }
}
