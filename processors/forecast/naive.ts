/** The last value goes on. What every other method has to beat. */
import { type ForecastMethod, fillMissing } from './forecast-method.ts'

export const naive: ForecastMethod = (series, horizon) => ({
  method: 'naive',
  point: new Float64Array(horizon).fill(fillMissing(series).at(-1) ?? 0),
})
