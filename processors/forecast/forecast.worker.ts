/** The thread that forecasts: what counts orders goes first. */
import { giveWay, PRIORITY } from '../../core/runtime/priority.ts'
import type { SeriesForecast } from './forecast-request.ts'
import { type ForecastTask, runForecastTask } from './forecast-task.ts'

giveWay(PRIORITY.analytics)

export default function forecast(task: ForecastTask): SeriesForecast[] {
  return runForecastTask(task)
}
