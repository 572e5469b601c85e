/** A group of series through a thread, so that one that cannot be forecast fails alone. */
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { SeriesForecast } from './forecast-request.ts'
import type { ForecastTask } from './forecast-task.ts'

export interface GroupOptions {
  run(task: ForecastTask): Promise<SeriesForecast[]>
  /** Told of each series that is missing in the answer. */
  onFailed(id: string, error: unknown): void
}

/** What a row of ClickHouse and an event can hold. */
const BOUND = 1e11
/** The pool itself is on its way out: no series is to blame. */
const ENDED: ReadonlySet<string | undefined> = new Set(['POOL_CLOSED', 'POOL_CANCELLED', 'POOL_FULL'])

/** A group that fails, or takes too long, is halved until the series is found; the halves learn less of one another. */
export async function forecastGroup(task: ForecastTask, options: GroupOptions): Promise<SeriesForecast[]> {
  const { series } = task
  try {
    const forecasts = await options.run(task)
    return forecasts.filter((forecast) => {
      const isBounded = boundsOf(forecast).every((value) => Math.abs(value) < BOUND)
      if (!isBounded) options.onFailed(forecast.id, outOfBounds())
      return isBounded
    })
  } catch (error) {
    if (ENDED.has(errorCode(error))) throw error
    if (series.length === 1) {
      options.onFailed(series[0]!.id, error)
      return []
    }
    const half = series.length >> 1
    const first = await forecastGroup({ ...task, series: series.slice(0, half) }, options)
    return [...first, ...(await forecastGroup({ ...task, series: series.slice(half) }, options))]
  }
}

/** The points are between them. */
function boundsOf({ lo95, hi95 }: SeriesForecast): number[] {
  return [...lo95, ...hi95]
}

const outOfBounds = () =>
  new RevwallError('FORECAST_OUT_OF_BOUNDS', 'A forecast is no number, or one of more than eleven digits.')
