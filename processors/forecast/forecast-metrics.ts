/** Prometheus metrics of forecasts. */
import { Counter, type Registry } from 'prom-client'

export function forecastCounter(registry: Registry): Counter<'outcome'> {
  return new Counter({
    name: 'revwall_forecast_series_total',
    help: 'Series that were to be forecast, by outcome: made, failed.',
    labelNames: ['outcome'],
    registers: [registry],
  })
}
