/** The thread that fits customers' values: what counts orders goes first, as in the forecasts' one. */
import { setPriority } from 'node:os'
import { runValueTask, type ValueTask, type ValueTaskResult } from './value-task.ts'

const LOWEST_PRIORITY = 19
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY)

export default function values(task: ValueTask): ValueTaskResult {
  return runValueTask(task)
}
