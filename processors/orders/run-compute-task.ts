/**
 * Carries out the tasks of compute-tasks.ts: the states of a process's partitions, and their batches. It asks for what only
 * the base table has; its one file is memory (order-spill.ts).
 */
import { BatchComputer, type ComputeInput } from './batch-computer.ts'
import type { ComputeAnswer, ComputeTask } from './compute-tasks.ts'
import { OrderColumns } from './order-columns.ts'
import { OrderSpill } from './order-spill.ts'
import { OrderState } from './order-state.ts'

interface Partition {
  state: OrderState
  context: { serverStart: number }
  computer: BatchComputer
  /** What waits for the base table's answer. */
  waiting?: ComputeInput
}

const columns = new OrderColumns()

/** Those of this process, or of this thread. */
export const runComputeTask = computeTasks()

/** With states of its own. `ring`: see OrderState. */
export function computeTasks(ring?: number): (task: ComputeTask) => ComputeAnswer {
  const partitions = new Map<number, Partition>()
  return (task) => carryOut(task, partitions, ring)
}

function carryOut(task: ComputeTask, partitions: Map<number, Partition>, ring?: number): ComputeAnswer {
  if (task.type === 'open') {
    const { context, scratch } = task
    const state = new OrderState(task.mark, ring, scratch === undefined ? undefined : new OrderSpill(scratch))
    partitions.set(task.id, { state, context, computer: new BatchComputer(context, state, columns) })
    return done(state)
  }
  const partition = partitions.get(task.id)
  if (partition === undefined) throw new Error(`there is no state ${task.id}`)
  const { state } = partition
  switch (task.type) {
    case 'load':
      state.load(task.fingerprints)
      break
    case 'complete':
      state.complete()
      break
    case 'rollBack':
      for (const to of task.landed) state.landed(to)
      state.rollBack()
      break
    case 'close':
      state.close()
      partitions.delete(task.id)
      break
    case 'compute': {
      const { packed, progress, refused, serverStart, landed } = task
      for (const to of landed) state.landed(to)
      partition.context.serverStart = serverStart
      return answer(partition, { packed, progress, refused })
    }
    case 'answer':
      return answer(partition, { ...partition.waiting!, base: task.base })
  }
  return done(state)
}

function done(state: OrderState): ComputeAnswer {
  return { type: 'done', orders: state.orders }
}

function answer(partition: Partition, input: ComputeInput): ComputeAnswer {
  const computing = partition.computer.compute(input)
  partition.waiting = computing.type === 'asks' ? input : undefined
  return computing
}
