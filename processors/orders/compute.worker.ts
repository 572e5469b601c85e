/** The thread that computes batches. */
import { move, transferableSymbol, valueSymbol } from 'piscina'
import { giveWay, PRIORITY } from '../../core/runtime/priority.ts'
import type { ComputeTask } from './compute-tasks.ts'
import { runComputeTask } from './run-compute-task.ts'

giveWay(PRIORITY.orders)

export default function compute(task: ComputeTask): unknown {
  const answer = runComputeTask(task)
  if (answer.type !== 'batch') return answer
  // The block goes over without a copy.
  return move({ [transferableSymbol]: [answer.batch.body.buffer], [valueSymbol]: answer })
}
