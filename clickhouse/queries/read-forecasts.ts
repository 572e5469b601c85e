/** What was stored of forecasts. */
import {
  FORECAST_STEP_DAYS,
  type ForecastDimension,
  type ForecastSeries,
  type ForecastStep,
} from '../../core/contracts/results.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

/** NaN has no place in a row: null, where nothing could be compared. */
export interface StoredAccuracy {
  wape: number | null
  smape: number | null
  mase: number | null
}

export interface ForecastModel {
  series: ForecastSeries
  dimension: ForecastDimension
  key: string
  /** YYYY-MM-DD: the last day that is known to it. */
  cutOff: string
  revision: number
  /** Of the history; of weeks the first Monday. */
  firstDay: string
  days: number
  model: string
  methods: string[]
  weights: number[]
  /** Empty: none. */
  fallback: string
  origins: number
  combination: StoredAccuracy
  seasonalNaive: StoredAccuracy
  naive: StoredAccuracy
  coverage80: number | null
  coverage95: number | null
  tested: number
  /** The last steps up to the cut-off as they were when it was made; null: a ticket without orders. */
  past: (string | null)[]
  currency: string
  /** ISO 8601, UTC. */
  at: string
}

export interface ForecastPoint {
  /** The local day; of a week its Monday. */
  day: string
  value: string
  low80: string
  high80: string
  low95: string
  high95: string
}

export interface SeriesName {
  series: ForecastSeries
  dimension: ForecastDimension
  /** Empty: all. */
  key: string
}

type ModelRow = Omit<ForecastModel, 'combination' | 'seasonalNaive' | 'naive'> &
  Record<'c' | 's' | 'n', [number | null, number | null, number | null]>

const OF_SERIES = `tenant = {tenant:String} AND series = {series:String} AND dimension = {dimension:String}
  AND key = {key:String}`

/** Where forecasts of each step are stored, and what the columns of theirs are called. */
export const FORECAST_TABLES = {
  day: { points: 'forecasts', models: 'forecast_models', at: 'day', first: 'first_day', count: 'days' },
  week: {
    ...{ points: 'week_forecasts', models: 'week_forecast_models' },
    ...{ at: 'week', first: 'first_week', count: 'weeks' },
  },
} as const satisfies Record<ForecastStep, Record<string, string>>

interface Stepped {
  step: ForecastStep
}

/** The newest of a series; undefined where there is none. */
export async function readForecastModel(
  warehouse: Warehouse,
  scope: Scope & SeriesName & Stepped,
): Promise<ForecastModel | undefined> {
  const { models, first, count } = FORECAST_TABLES[scope.step]
  const rows = await warehouse.query<ModelRow>(
    `SELECT series, dimension, key, toString(cutoff) AS cutOff, revision, toString(${first}) AS firstDay,
       toUInt32(${count} * ${FORECAST_STEP_DAYS[scope.step]}) AS days, model,
       methods, weights, fallback, origins, [wape, smape, mase] AS c,
       [seasonal_naive_wape, seasonal_naive_smape, seasonal_naive_mase] AS s, [naive_wape, naive_smape, naive_mase] AS n,
       coverage80, coverage95, tested, past, currency, at
     FROM ${tableOf(scope, models)} FINAL WHERE ${OF_SERIES} ORDER BY revision DESC LIMIT 1`,
    { params: paramsOf(scope) },
  )
  return rows.map(({ c, s, n, ...row }) => ({
    ...row,
    ...{ combination: accuracyOf(c), seasonalNaive: accuracyOf(s), naive: accuracyOf(n) },
    at: toIso(row.at),
  }))[0]
}

/** The steps of one forecast, which its cut-off and revision name. */
export function readForecastPoints(
  warehouse: Warehouse,
  scope: Scope & SeriesName & Stepped & { cutOff: string; revision: number },
): Promise<ForecastPoint[]> {
  const { cutOff, revision } = scope
  const { points, at } = FORECAST_TABLES[scope.step]
  return warehouse.query<ForecastPoint>(
    `SELECT toString(f.${at}) AS day, value, low80, high80, low95, high95
     FROM ${tableOf(scope, points)} AS f FINAL
     WHERE ${OF_SERIES} AND cutoff = {cutOff:Date} AND revision = {revision:UInt32} ORDER BY f.${at}`,
    { params: { ...paramsOf(scope), cutOff, revision } },
  )
}

/** What the tenant's newest forecast has. */
export function readForecastNames(warehouse: Warehouse, scope: Scope & Stepped): Promise<SeriesName[]> {
  const table = tableOf(scope, FORECAST_TABLES[scope.step].models)
  return warehouse.query<SeriesName>(
    `SELECT DISTINCT series, dimension, key FROM ${table} WHERE tenant = {tenant:String}
       AND revision = (SELECT max(revision) FROM ${table} WHERE tenant = {tenant:String})
     ORDER BY dimension, key, series`,
    { params: { tenant: scope.tenant } },
  )
}

export interface LastForecast {
  tenant: string
  revision: number
  cutOff: string
  /** Fingerprint of the days that it was made from. */
  history: string
}

/** The newest of each tenant that has one. */
export function readLastForecasts(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
): Promise<LastForecast[]> {
  return warehouse.query<LastForecast>(
    `SELECT tenant, max(m.revision) AS revision, toString(argMax(cutoff, m.revision)) AS cutOff,
       argMax(m.history, m.revision) AS history
     FROM ${tableOf(scope, 'forecast_models')} AS m GROUP BY tenant`,
  )
}

function paramsOf({ tenant, series, dimension, key }: Scope & SeriesName): Record<string, string> {
  return { tenant, series, dimension, key }
}

function accuracyOf([wape, smape, mase]: ModelRow['c']): StoredAccuracy {
  return { wape, smape, mase }
}
