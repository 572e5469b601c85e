/** What was stored of customers' values, and how it was fitted. */
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface LastValueModel {
  tenant: string
  revision: number
  /** YYYY-MM-DD. */
  cutOff: string
  orders: number
}

/** The newest of each tenant that has one. */
export async function readLastValueModels(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
): Promise<LastValueModel[]> {
  const rows = await warehouse.query<Omit<LastValueModel, 'orders'> & { orders: string }>(
    `SELECT tenant, max(m.revision) AS revision, toString(argMax(cutoff, m.revision)) AS cutOff,
       argMax(m.orders, m.revision) AS orders
     FROM ${tableOf(scope, 'value_models')} AS m GROUP BY tenant`,
  )
  return rows.map((row) => ({ ...row, orders: Number(row.orders) }))
}

/** Who was told of before this revision, and is not in it, is gone. */
export async function forgetOlderValues(
  warehouse: Warehouse,
  scope: Scope & { revision: number },
): Promise<void> {
  const table = tableOf(scope, 'customer_values')
  const { tenant, revision } = scope
  await warehouse.command(
    `INSERT INTO ${table}
     SELECT * REPLACE ({revision:UInt32} AS revision, 1 AS is_gone) FROM ${table} AS c FINAL
     WHERE tenant = {tenant:String} AND c.revision < {revision:UInt32}`,
    { params: { tenant, revision } },
  )
}

export interface ValueModel {
  /** YYYY-MM-DD: the last day that is known to it. */
  cutOff: string
  revision: number
  customers: number
  orders: number
  /** Why nothing is told of customers; empty: it is. */
  refusal: string
  refusalText: string
  /** r, α (in weeks), a, b; null: not fitted. */
  bgNbd: Fitted<'r' | 'alpha' | 'a' | 'b'> | null
  valueRefusal: string
  valueRefusalText: string
  /** p, q, v (in units of the currency); null: not fitted. */
  gammaGamma: Fitted<'p' | 'q' | 'v'> | null
  model: string
  /** ISO 8601, UTC. */
  at: string
}

type Fitted<Parameter extends string> = Record<Parameter | 'logLikelihood' | 'customers', number>

/** The newest of a tenant; undefined where there is none. */
export async function readValueModel(warehouse: Warehouse, scope: Scope): Promise<ValueModel | undefined> {
  const rows = await warehouse.query<ModelRow>(
    `SELECT toString(cutoff) AS cutOff, revision, customers, orders, refusal, refusal_text AS refusalText, r, alpha, a, b,
       log_likelihood AS logLikelihood, fitted_customers AS fitted, value_refusal AS valueRefusal,
       value_refusal_text AS valueRefusalText, p, q, v, value_log_likelihood AS valueLogLikelihood,
       value_customers AS valueFitted, model, at
     FROM ${tableOf(scope, 'value_models')} FINAL WHERE tenant = {tenant:String} ORDER BY revision DESC LIMIT 1`,
    { params: { tenant: scope.tenant } },
  )
  return rows.map(modelOf)[0]
}

interface ModelRow extends Omit<ValueModel, 'bgNbd' | 'gammaGamma' | 'customers' | 'orders'> {
  customers: string
  orders: string
  r: number | null
  alpha: number | null
  a: number | null
  b: number | null
  logLikelihood: number
  fitted: string
  p: number | null
  q: number | null
  v: number | null
  valueLogLikelihood: number
  valueFitted: string
}

function modelOf(row: ModelRow): ValueModel {
  const { r, alpha, a, b, logLikelihood, fitted, p, q, v, valueLogLikelihood, valueFitted, ...told } = row
  return {
    ...told,
    customers: Number(row.customers),
    orders: Number(row.orders),
    bgNbd:
      r === null || alpha === null || a === null || b === null
        ? null
        : { r, alpha, a, b, logLikelihood, customers: Number(fitted) },
    gammaGamma:
      p === null || q === null || v === null
        ? null
        : { p, q, v, logLikelihood: valueLogLikelihood, customers: Number(valueFitted) },
    at: toIso(row.at),
  }
}

export interface ValueSums {
  /** Days with orders that are expected of all customers together. */
  orders: string
  /** Null: no value could be fitted. */
  value: string | null
}

/** Of the 12 months behind the cut-off, of everybody of whom something is told. */
export async function readValueSums(warehouse: Warehouse, scope: Scope): Promise<ValueSums> {
  const [sums] = await warehouse.query<ValueSums>(
    `SELECT sum(orders_12m) AS orders, sum(value_12m) AS value
     FROM ${tableOf(scope, 'customer_values')} FINAL WHERE tenant = {tenant:String}`,
    { params: { tenant: scope.tenant } },
  )
  return sums!
}

export interface CustomerValue {
  /** YYYY-MM-DD: the last day that it knows of. */
  cutOff: string
  /** 0 to 1. */
  alive: number
  churnRisk: number
  /** Of the 12 months behind that day. */
  expectedOrders: number
  /** Null: it could not be fitted. */
  expectedValue: string | null
}

/** One customer by its key; undefined where nothing is told of it. */
export async function readCustomerValue(
  warehouse: Warehouse,
  scope: Scope & { customer: string },
): Promise<CustomerValue | undefined> {
  const { tenant, customer } = scope
  const rows = await warehouse.query<ValueRow>(
    `SELECT toString(cutoff) AS cutOff, alive, churn_risk AS churnRisk, orders_12m AS expectedOrders,
       value_12m AS expectedValue
     FROM ${tableOf(scope, 'customer_values')} FINAL WHERE tenant = {tenant:String} AND customer = {customer:String}`,
    { params: { tenant, customer } },
  )
  return rows.map(({ cutOff, expectedValue, ...row }) => ({
    ...{ cutOff, alive: Number(row.alive), churnRisk: Number(row.churnRisk) },
    ...{ expectedOrders: Number(row.expectedOrders), expectedValue },
  }))[0]
}

type ValueRow = Record<'cutOff' | 'alive' | 'churnRisk' | 'expectedOrders', string> & {
  expectedValue: string | null
}
