/** What forecasts become: rows of ClickHouse, and events of the topic `forecasts`. Rounded at the fourth decimal. */
import type { SeriesName } from '../../clickhouse/queries/read-forecasts.ts'
import { fromE4 } from '../../core/contracts/money.ts'
import type { ForecastResult } from '../../core/contracts/results.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { formatDay, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import type { KeyedEvent } from '../send-events.ts'
import type { Accuracy } from './backtest.ts'
import type { SeriesForecast } from './forecast-request.ts'
import type { TenantHistory } from './tenant-series.ts'

/** Its number is raised with each change of what a forecast means. */
const MODEL = 'combined-day-1'

/** Of whom, of what, when. */
export interface Occasion {
  tenant: TenantConfig
  revision: number
  history: TenantHistory
  /** Wall clock. */
  at: number
}

export interface NamedForecast extends SeriesForecast {
  name: SeriesName
}

type Row = Record<string, unknown>

/** Within a tenant: `revenue`, `revenue/country/Norway`. */
export const idOf = ({ series, dimension, key }: SeriesName) =>
  dimension === 'all' ? series : `${series}/${dimension}/${key}`

/** One for each day ahead. */
export function forecastRows(forecast: NamedForecast, occasion: Occasion): Row[] {
  const unit = unitOf(forecast.name, occasion.tenant)
  return stepsOf(forecast).map(({ expected, ...step }) => ({
    ...headOf(forecast.name, occasion),
    ...{ ...step, value: expected, unit, model: MODEL },
  }))
}

export function modelRow({ name, models, backtest, fallback }: NamedForecast, occasion: Occasion): Row {
  const { firstDay, cutOff, fingerprint } = occasion.history
  return {
    ...headOf(name, occasion),
    ...{ first_day: formatDay(firstDay), days: cutOff - firstDay + 1, history: fingerprint, model: MODEL },
    methods: models.map(({ method }) => method),
    weights: models.map(({ weight }) => weight),
    fallback: fallback ?? '',
    origins: backtest.origins,
    ...accuracyColumns('', backtest),
    ...accuracyColumns('seasonal_naive_', backtest.seasonalNaive),
    ...accuracyColumns('naive_', backtest.naive),
    coverage80: known(backtest.coverage80),
    coverage95: known(backtest.coverage95),
    tested: backtest.tested,
  }
}

/** One for each day ahead; whoever replays them ends with what the rows have. */
export function forecastEvents(
  forecast: NamedForecast,
  { tenant, revision, history, at }: Occasion,
): KeyedEvent[] {
  const { name } = forecast
  const cutOff = formatDay(history.cutOff)
  return stepsOf(forecast).map(({ day, horizon: _, ...bounds }) => {
    const value: ForecastResult = {
      ...{ type: 'forecast', schemaVersion: 1, tenant: tenant.id },
      ...{ computedAt: new Date(at).toISOString(), model: MODEL },
      eventId: `${MODEL}/${cutOff}/${revision}/${day}`,
      series: name.series,
      ...(name.dimension !== 'all' && { dimension: name.dimension, key: name.key }),
      cutOff: new Date(startOfLocalDay(history.cutOff + 1, tenant.timeZone)).toISOString(),
      period: day,
      unit: unitOf(name, tenant),
      ...bounds,
    }
    return { key: `${tenant.id}/${idOf(name)}`, value }
  })
}

function stepsOf({ firstDay, point, lo80, hi80, lo95, hi95 }: SeriesForecast) {
  const first = parseDay(firstDay)
  return Array.from(point, (expected, h) => ({
    ...{ day: formatDay(first + h), horizon: h + 1, expected: decimalOf(expected) },
    ...{ low80: decimalOf(lo80[h]!), high80: decimalOf(hi80[h]!) },
    ...{ low95: decimalOf(lo95[h]!), high95: decimalOf(hi95[h]!) },
  }))
}

function headOf({ series, dimension, key }: SeriesName, { tenant, revision, history, at }: Occasion): Row {
  return {
    ...{ tenant: tenant.id, series, dimension, key, revision, currency: tenant.currency },
    ...{ cutoff: formatDay(history.cutOff), at: new Date(at).toISOString() },
  }
}

export const unitOf = ({ series }: Pick<SeriesName, 'series'>, { currency }: TenantConfig) =>
  series === 'orders' ? 'orders' : currency

export const decimalOf = (value: number) => fromE4(Math.round(value * 10_000))

/** Errors by those of the same weekday a week before, which a shop's week repeats. */
const accuracyColumns = (before: string, { wape, smape, maseSeasonalNaive }: Accuracy): Row => ({
  [`${before}wape`]: known(wape),
  [`${before}smape`]: known(smape),
  [`${before}mase`]: known(maseSeasonalNaive),
})

const known = (value: number) => (Number.isFinite(value) ? value : null)
