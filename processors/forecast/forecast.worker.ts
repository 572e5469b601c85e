/** The thread that forecasts: what counts orders goes first. On Linux the priority is the thread's own, elsewhere all of the process's. */
import { setPriority } from 'node:os'
import type { SeriesForecast } from './forecast-request.ts'
import { type ForecastTask, runForecastTask } from './forecast-task.ts'

const LOWEST_PRIORITY = 19
if (process.platform === 'linux') setPriority(LOWEST_PRIORITY)

export default function forecast(task: ForecastTask): SeriesForecast[] {
  return runForecastTask(task)
}
