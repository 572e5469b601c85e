import type { Axis } from '../../core/contracts/tiles.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { Warehouse } from '../warehouse.ts'
import {
  type Converted,
  convertTotals,
  type DatedRate,
  type DayAmount,
  MAX_RATE_AGE_DAYS,
} from './convert-totals.ts'
import { type DayRange, type Scope, tableOf } from './scope.ts'

/** Revenue of all currencies over a range of days in one of them, by the tenant's own rates. */
export async function readConverted(
  warehouse: Warehouse,
  scope: Scope & DayRange & { axis: Axis; to_currency: string },
): Promise<Converted> {
  const amounts = await readAmounts(warehouse, scope)
  return convertTotals(amounts, await readRates(warehouse, scope), scope.to_currency)
}

function readAmounts(warehouse: Warehouse, scope: Scope & DayRange & { axis: Axis }): Promise<DayAmount[]> {
  const { tenant, from, to, axis } = scope
  return warehouse.query<DayAmount>(
    `SELECT toString(h.day) AS day, currency, sum(${axis}_revenue) AS amount
     FROM ${tableOf(scope, 'headline')} AS h
     WHERE tenant = {tenant:String} AND h.day BETWEEN {from:Date} AND {to:Date}
     GROUP BY currency, h.day HAVING amount != 0 ORDER BY currency, h.day`,
    { params: { tenant, from, to } },
  )
}

/** A corrected rate has replaced the former one, hence FINAL. */
function readRates(
  warehouse: Warehouse,
  scope: Scope & DayRange & { to_currency: string },
): Promise<DatedRate[]> {
  const { tenant, to, to_currency: quote } = scope
  const from = formatDay(parseDay(scope.from) - MAX_RATE_AGE_DAYS)
  return warehouse.query<DatedRate>(
    `SELECT base, toString(r.day) AS day, rate, provider FROM ${tableOf(scope, 'rates')} AS r FINAL
     WHERE tenant = {tenant:String} AND quote = {quote:String} AND r.day BETWEEN {from:Date} AND {to:Date}`,
    { params: { tenant, quote, from, to } },
  )
}
