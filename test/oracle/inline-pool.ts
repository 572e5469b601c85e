/** The computing without its thread, so that what is mocked here is mocked there. All else is the same code. */
import { type ComputePool, poolOver } from '../../processors/orders/compute-pool.ts'
import { runComputeTask } from '../../processors/orders/run-compute-task.ts'

export function inlinePool(): ComputePool {
  return poolOver(
    async (task, transfer) => structuredClone(runComputeTask(structuredClone(task, { transfer }))),
    async () => {},
  )
}
