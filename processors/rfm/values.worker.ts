/** The thread that fits customers' values: what counts orders goes first. */
import { giveWay, PRIORITY } from '../../core/runtime/priority.ts'
import { runValueTask, type ValueTask, type ValueTaskResult } from './value-task.ts'

giveWay(PRIORITY.analytics)

export default function values(task: ValueTask): ValueTaskResult {
  return runValueTask(task)
}
