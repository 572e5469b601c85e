/** The thread that fits models of orders. */
import { type OrderTask, type OrderTaskResult, runOrderTask } from './fit-task.ts'

export default function fitOrders(task: OrderTask): Promise<OrderTaskResult> {
  return runOrderTask(task)
}
