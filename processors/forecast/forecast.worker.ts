/** The thread that forecasts. */
import type { SeriesForecast } from './forecast-request.ts'
import { type ForecastTask, runForecastTask } from './forecast-task.ts'

export default function forecast(task: ForecastTask): SeriesForecast[] {
  return runForecastTask(task)
}
