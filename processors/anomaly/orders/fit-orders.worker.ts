/** The thread that fits models of orders: what counts them goes first. */
import { giveWay, PRIORITY } from '../../../core/runtime/priority.ts'
import { type OrderTask, type OrderTaskResult, runOrderTask } from './fit-task.ts'

giveWay(PRIORITY.analytics)

export default function fitOrders(task: OrderTask): Promise<OrderTaskResult> {
  return runOrderTask(task)
}
