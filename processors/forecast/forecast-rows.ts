/** What forecasts become: rows of ClickHouse, and events of the topic `forecasts`. Rounded at the fourth decimal. */
import { FORECAST_TABLES, type SeriesName } from '../../clickhouse/queries/read-forecasts.ts'
import { fromE4 } from '../../core/contracts/money.ts'
import { FORECAST_PAST, type ForecastResult, type ForecastStep } from '../../core/contracts/results.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { formatDay, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import type { KeyedEvent } from '../send-events.ts'
import type { Accuracy } from './backtest.ts'
import { DAYS_OF } from './calendar.ts'
import type { SeriesForecast } from './forecast-request.ts'
import { type StepSpan, stepsIn } from './step-series.ts'

/** Their numbers are raised with each change of what a forecast means. */
const MODELS: Record<ForecastStep, string> = { day: 'combined-day-1', week: 'combined-week-1' }

/** Of whom, of what, when. */
export interface Occasion {
  tenant: TenantConfig
  revision: number
  /** Of the tenant's days. */
  fingerprint: string
  span: StepSpan
  /** Wall clock. */
  at: number
}

export interface NamedForecast extends SeriesForecast {
  name: SeriesName
  /** All of the history; NaN where nothing is known. */
  past: Float64Array
}

type Row = Record<string, unknown>

/** Within a tenant: `revenue`, `revenue/country/Norway`. */
export const idOf = ({ series, dimension, key }: SeriesName) =>
  dimension === 'all' ? series : `${series}/${dimension}/${key}`

/** One for each step ahead. */
export function forecastRows(forecast: NamedForecast, occasion: Occasion): Row[] {
  const { step } = occasion.span
  const unit = unitOf(forecast.name, occasion.tenant)
  return stepsOf(forecast, step).map(({ expected, at, ...bounds }) => ({
    ...headOf(forecast.name, occasion),
    ...{ [FORECAST_TABLES[step].at]: at, ...bounds, value: expected, unit, model: MODELS[step] },
  }))
}

export function modelRow({ name, past, models, backtest, fallback }: NamedForecast, occasion: Occasion): Row {
  const { span, fingerprint } = occasion
  const { first, count } = FORECAST_TABLES[span.step]
  return {
    ...headOf(name, occasion),
    ...{ [first]: formatDay(span.firstDay), [count]: stepsIn(span), model: MODELS[span.step] },
    // What says that all of it is there.
    ...(span.step === 'day' && { history: fingerprint }),
    methods: models.map(({ method }) => method),
    weights: models.map(({ weight }) => weight),
    fallback: fallback ?? '',
    origins: backtest.origins,
    ...accuracyColumns('', backtest, span.step),
    ...accuracyColumns('seasonal_naive_', backtest.seasonalNaive, span.step),
    ...accuracyColumns('naive_', backtest.naive, span.step),
    coverage80: known(backtest.coverage80),
    coverage95: known(backtest.coverage95),
    tested: backtest.tested,
    past: Array.from(past.subarray(-FORECAST_PAST[span.step]), (value) =>
      Number.isFinite(value) ? decimalOf(value) : null,
    ),
  }
}

/** One for each step ahead; whoever replays them ends with what the rows have. */
export function forecastEvents(
  forecast: NamedForecast,
  { tenant, revision, span, at }: Occasion,
): KeyedEvent[] {
  const { name } = forecast
  const { step } = span
  const cutOff = formatDay(span.cutOff)
  return stepsOf(forecast, step).map(({ at: period, horizon: _, ...bounds }) => {
    const value: ForecastResult = {
      ...{ type: 'forecast', schemaVersion: 1, tenant: tenant.id },
      ...{ computedAt: new Date(at).toISOString(), model: MODELS[step] },
      eventId: `${MODELS[step]}/${cutOff}/${revision}/${period}`,
      series: name.series,
      ...(name.dimension !== 'all' && { dimension: name.dimension, key: name.key }),
      ...(step !== 'day' && { step }),
      cutOff: new Date(startOfLocalDay(span.cutOff + 1, tenant.timeZone)).toISOString(),
      period,
      unit: unitOf(name, tenant),
      ...bounds,
    }
    return { key: `${tenant.id}/${idOf(name)}`, value }
  })
}

function stepsOf({ firstDay, point, lo80, hi80, lo95, hi95 }: SeriesForecast, step: ForecastStep) {
  const first = parseDay(firstDay)
  return Array.from(point, (expected, h) => ({
    ...{ at: formatDay(first + h * DAYS_OF[step]), horizon: h + 1, expected: decimalOf(expected) },
    ...{ low80: decimalOf(lo80[h]!), high80: decimalOf(hi80[h]!) },
    ...{ low95: decimalOf(lo95[h]!), high95: decimalOf(hi95[h]!) },
  }))
}

function headOf({ series, dimension, key }: SeriesName, { tenant, revision, span, at }: Occasion): Row {
  return {
    ...{ tenant: tenant.id, series, dimension, key, revision, currency: tenant.currency },
    ...{ cutoff: formatDay(span.cutOff), at: new Date(at).toISOString() },
  }
}

export const unitOf = ({ series }: Pick<SeriesName, 'series'>, { currency }: TenantConfig) =>
  series === 'orders' ? 'orders' : currency

export const decimalOf = (value: number) => fromE4(Math.round(value * 10_000))

/** Errors by those of the same weekday a week before, which a shop's week repeats; of weeks by those of the week before. */
const accuracyColumns = (
  before: string,
  { wape, smape, maseNaive, maseSeasonalNaive }: Accuracy,
  step: ForecastStep,
): Row => ({
  [`${before}wape`]: known(wape),
  [`${before}smape`]: known(smape),
  [`${before}mase`]: known(step === 'day' ? maseSeasonalNaive : maseNaive),
})

const known = (value: number) => (Number.isFinite(value) ? value : null)
