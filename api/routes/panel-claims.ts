/**
 * What each panel of the analytics says that can be proved: its numbers as its own reader has them, and how an analyst asks for
 * the same, by the base table wherever they are made of it. A forecast itself is nobody's to prove: here it is what it rests
 * on, and that it is told as it was stored.
 */

import { quoteString } from '../../clickhouse/native/quote-string.ts'
import type { Claim } from '../../clickhouse/queries/prove-claim.ts'
import { OF_SALE } from '../../clickhouse/queries/prove-figure.ts'
import { readAnomalies } from '../../clickhouse/queries/read-anomalies.ts'
import type { Division } from '../../clickhouse/queries/read-division.ts'
import {
  FORECAST_TABLES,
  readForecastModel,
  readForecastPoints,
  type SeriesName,
} from '../../clickhouse/queries/read-forecasts.ts'
import { readRetention } from '../../clickhouse/queries/read-retention.ts'
import { readSegmentSums } from '../../clickhouse/queries/read-segment-sums.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { ForecastStep } from '../../core/contracts/results.ts'
import type { StoredPace } from '../live/pace-tile.ts'
import { CHANGES, COUNTED, ownSales } from './claim-sql.ts'
import { pastDays, readPast } from './past-days.ts'

/** All of what a panel adds up, so that not one row of it is left out. */
const sumOf = (values: readonly string[]): string =>
  fromE4(values.reduce((sum, value) => sum + sumToE4(value), 0n))
const countOf = (values: readonly number[]): string => String(values.reduce((sum, value) => sum + value, 0))

export async function segmentClaims(
  warehouse: Warehouse,
  scope: MoneyScope,
  division: Division,
): Promise<Claim[]> {
  const { rows } = await readSegmentSums(warehouse, { ...scope, division })
  const buyers = (sum: string) => `SELECT toString(${sum}) AS value
FROM (
  SELECT customer, sum(sign * net) AS revenue
  FROM ${CHANGES}
  WHERE ${ownSales(scope)}
  GROUP BY customer
  HAVING sum(${COUNTED}) > 0
)`
  return [
    {
      ...{ id: 'segment-customers', unit: 'count', asOf: null },
      shown: countOf(rows.map(({ customers }) => customers)),
      sql: buyers('count()'),
    },
    {
      ...{ id: 'segment-revenue', unit: 'money', asOf: null },
      shown: sumOf(rows.map(({ revenue }) => revenue)),
      sql: buyers('sum(revenue)'),
    },
  ]
}

/** `from`: first day of the first month of the cohorts. */
export async function retentionClaims(
  warehouse: Warehouse,
  scope: MoneyScope,
  from: string,
): Promise<Claim[]> {
  const { cells } = await readRetention(warehouse, { ...scope, from })
  const months = (sum: string) => `SELECT toString(${sum}) AS value
FROM (
  SELECT *, minIf(month, orders > 0) OVER (PARTITION BY customer) AS first
  FROM (
    SELECT customer, toStartOfMonth(sale_day) AS month, sum(sign * booked_amount) AS revenue,
      sumIf(sign * booked_orders, ${OF_SALE}) AS orders
    FROM ${CHANGES}
    ARRAY JOIN booked_kind, booked_currency, booked_amount, booked_orders
    WHERE booked_currency = ${quoteString(scope.currency)} AND customer != ''
    GROUP BY customer, month
  )
)
WHERE first >= '${from}' AND month >= first`
  return [
    {
      ...{ id: 'retained', unit: 'count', asOf: null },
      shown: countOf(cells.map(({ customers }) => customers)),
      sql: months('countIf(orders > 0)'),
    },
    {
      ...{ id: 'cohort-revenue', unit: 'money', asOf: null },
      shown: sumOf(cells.map(({ revenue }) => revenue)),
      sql: months('sum(revenue)'),
    },
  ]
}

/** None where there is no forecast of it. What came is added up of the whole alone: a ticket has no sum. */
export async function forecastClaims(
  warehouse: Warehouse,
  scope: MoneyScope & SeriesName & { step: ForecastStep },
): Promise<Claim[]> {
  const model = await readForecastModel(warehouse, scope)
  if (model === undefined) return []
  const { series, dimension, key, step } = scope
  const { cutOff, revision } = model
  const range = pastDays(model, step)
  const [points, past] = await Promise.all([
    readForecastPoints(warehouse, { ...scope, cutOff, revision }),
    readPast(warehouse, scope, model),
  ])
  const unit = series === 'orders' ? 'count' : 'money'
  const stored = `SELECT toString(sum(value)) AS value
FROM revwall.v1_${FORECAST_TABLES[step].points}
WHERE series = '${series}' AND dimension = '${dimension}' AND key = ${quoteString(key)} AND cutoff = '${cutOff}'`
  const days: Claim = {
    ...{ id: 'forecast-days', unit, asOf: null },
    shown: sumOf(points.map(({ value }) => value)),
    sql: stored,
  }
  if (dimension !== 'all' || series === 'ticket') return [days]
  const sum = series === 'orders' ? `sumIf(sign * booked_orders, ${OF_SALE})` : 'sum(sign * booked_amount)'
  const came: Claim = {
    ...{ id: 'forecast-past', unit, asOf: null },
    shown: sumOf(past.map(({ value }) => value ?? '0')),
    sql: bookedSql(sum, scope, `BETWEEN '${range.from}' AND '${range.to}'`),
  }
  return [days, came]
}

/** How many there are, and the amount of the newest, which an edit may have changed since. */
export async function anomalyClaims(warehouse: Warehouse, scope: MoneyScope): Promise<Claim[]> {
  const { rows, total } = await readAnomalies(warehouse, { ...scope, minScore: 0, limit: 1 })
  const told: Claim = {
    ...{ id: 'anomalies', unit: 'count', shown: String(total), asOf: null },
    sql: 'SELECT toString(count()) AS value\nFROM revwall.v1_order_anomalies',
  }
  const newest = rows[0]
  if (newest === undefined) return [told]
  const sql = `SELECT toString(sum(sign * gross)) AS value
FROM ${CHANGES}
WHERE source = ${quoteString(newest.source)} AND order_id = ${quoteString(newest.orderId)}`
  const amount: Claim = {
    ...{ id: 'anomaly-newest', unit: 'money', shown: newest.observed, asOf: newest.detectedAt },
    sql,
  }
  return [told, amount]
}

/** Of the hero's day: the forecast behind the band, and what had come when the end was reckoned. */
export function paceClaims(scope: MoneyScope, day: string, { bands, nowcasts }: StoredPace): Claim[] {
  const band = bands.find(({ series }) => series === 'revenue')
  const last = band?.points.at(-1)
  if (band === undefined || last === undefined) return []
  const expected: Claim = {
    ...{ id: 'pace-forecast', unit: 'money', shown: last.value, asOf: band.at },
    sql: `SELECT toString(sum(value)) AS value
FROM revwall.v1_forecasts
WHERE series = 'revenue' AND dimension = 'all' AND key = '' AND cutoff = '${band.cutOff}' AND day = '${day}'`,
  }
  const end = nowcasts.find(({ series }) => series === 'revenue')
  if (end === undefined) return [expected]
  const sql = bookedSql('sum(sign * booked_amount)', scope, `= '${day}'`)
  return [expected, { id: 'pace-so-far', unit: 'money', shown: end.soFar, sql, asOf: end.at }]
}

function bookedSql(sum: string, { currency }: MoneyScope, days: string): string {
  return `SELECT toString(${sum}) AS value
FROM ${CHANGES}
ARRAY JOIN booked_day, booked_kind, booked_currency, booked_amount, booked_orders
WHERE booked_currency = ${quoteString(currency)} AND booked_day ${days}`
}
