/** What fits and predictions become: rows of ClickHouse. */
import type { CustomerPurchases } from '../../clickhouse/queries/read-purchases.ts'
import { fromE4 } from '../../core/contracts/money.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import type { Predictions } from './predict-value.ts'
import { meanValueE4 } from './purchase-columns.ts'
import type { ValueFits } from './value-task.ts'

/** Raised with each change of what is fitted or predicted. */
const MODEL = 'bg-nbd-gamma-gamma-1'
/** Beyond it amounts count as this: a Decimal(18, 4) has no room for more, and nobody else is to wait. */
const MOST_E4 = Number.MAX_SAFE_INTEGER

/** Of whom, up to which day, when. */
export interface ValueOccasion {
  tenant: TenantConfig
  revision: number
  /** Days since 1970-01-01: the last complete one. */
  cutOff: number
  /** Wall clock. */
  at: number
}

type Row = Record<string, string | number | null>

export function valueRows(
  customers: readonly CustomerPurchases[],
  { aliveProbability, purchases, valueE4 }: Predictions,
  occasion: ValueOccasion,
): Row[] {
  const head = headOf(occasion)
  return customers.map(({ customer, firstDay, lastDay, repeats, ...of }, row) => {
    const alive = aliveProbability[row]!.toFixed(6)
    return {
      ...head,
      customer,
      is_gone: 0,
      first_day: formatDay(firstDay),
      last_day: formatDay(lastDay),
      repeats,
      mean_value: amountOf(meanValueE4({ repeats, ...of })),
      alive,
      // Of what is told: the two of a row are 1 together.
      churn_risk: (1 - Number(alive)).toFixed(6),
      orders_12m: purchases[row]!.toFixed(4),
      value_12m: Number.isNaN(valueE4[row]!) ? null : amountOf(valueE4[row]!),
    }
  })
}

export function modelRow(
  { bgNbd, gammaGamma }: ValueFits,
  { customers, orders }: { customers: number; orders: number },
  occasion: ValueOccasion,
): Row {
  const isFitted = bgNbd.type === 'fitted'
  const hasValues = gammaGamma.type === 'fitted'
  return {
    ...{ ...headOf(occasion), customers, orders },
    ...(isFitted
      ? { refusal: '', refusal_text: '' }
      : { refusal: bgNbd.reason, refusal_text: bgNbd.message }),
    r: isFitted ? bgNbd.model.r : null,
    alpha: isFitted ? bgNbd.model.alpha : null,
    a: isFitted ? bgNbd.model.a : null,
    b: isFitted ? bgNbd.model.b : null,
    log_likelihood: isFitted ? bgNbd.logLikelihood : null,
    fitted_customers: isFitted ? bgNbd.customers : 0,
    value_refusal: hasValues ? '' : gammaGamma.reason,
    value_refusal_text: hasValues ? '' : gammaGamma.message,
    p: hasValues ? gammaGamma.model.p : null,
    q: hasValues ? gammaGamma.model.q : null,
    v: hasValues ? gammaGamma.model.v : null,
    value_log_likelihood: hasValues ? gammaGamma.logLikelihood : null,
    value_customers: hasValues ? gammaGamma.customers : 0,
  }
}

function headOf({ tenant, revision, cutOff, at }: ValueOccasion): Row {
  return {
    ...{ tenant: tenant.id, revision, cutoff: formatDay(cutOff), currency: tenant.currency, model: MODEL },
    at: new Date(at).toISOString(),
  }
}

const amountOf = (e4: number) => fromE4(Math.round(Math.max(-MOST_E4, Math.min(MOST_E4, e4))))
