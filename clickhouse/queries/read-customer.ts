import type { Axis } from '../../core/contracts/tiles.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

/** What a source tells of a customer. Empty text is what it did not tell, or what was erased. Personal data. */
export interface CustomerProfile {
  source: string
  externalCustomer: string
  name: string
  email: string
  phone: string
  country: string
  region: string
  createdAt: string | null
  changedAt: string
  erasedAt: string | null
}

/** All that a customer bought in a currency. */
export interface CustomerSums {
  currency: string
  orders: number
  revenue: string
  firstDay: string
  lastDay: string
}

export interface Customer {
  profiles: CustomerProfile[]
  sums: CustomerSums[]
}

/** One customer by its pseudonym; without profiles no source has told of it, without sums it bought nothing. */
export async function readCustomer(
  warehouse: Warehouse,
  scope: Scope & { axis: Axis; customer: string },
): Promise<Customer> {
  const [profiles, sums] = await Promise.all([readProfiles(warehouse, scope), readSums(warehouse, scope)])
  return { profiles, sums }
}

type ProfileRow = Omit<CustomerProfile, 'externalCustomer' | 'createdAt' | 'changedAt' | 'erasedAt'> & {
  external_customer: string
  created_at: string | null
  changed_at: string
  erased_at: string | null
}

async function readProfiles(
  warehouse: Warehouse,
  scope: Scope & { customer: string },
): Promise<CustomerProfile[]> {
  const { tenant, customer } = scope
  const rows = await warehouse.query<ProfileRow>(
    `SELECT source, external_customer, name, email, phone, country, region, created_at, changed_at, erased_at
     FROM ${tableOf(scope, 'customers')} FINAL
     WHERE tenant = {tenant:String} AND customer = {customer:String} ORDER BY source`,
    { params: { tenant, customer } },
  )
  const iso = (time: string | null) => (time === null ? null : toIso(time))
  return rows.map(({ external_customer, created_at, changed_at, erased_at, ...told }) => ({
    ...told,
    externalCustomer: external_customer,
    createdAt: iso(created_at),
    changedAt: toIso(changed_at),
    erasedAt: iso(erased_at),
  }))
}

async function readSums(
  warehouse: Warehouse,
  scope: Scope & { axis: Axis; customer: string },
): Promise<CustomerSums[]> {
  const { tenant, customer, axis } = scope
  const rows = await warehouse.query<Omit<CustomerSums, 'orders'> & { orders: string }>(
    `SELECT currency, sum(${axis}_orders) AS orders, sum(${axis}_revenue) AS revenue,
       min(day) AS firstDay, max(day) AS lastDay
     FROM ${tableOf(scope, 'customer_days')}
     WHERE tenant = {tenant:String} AND customer = {customer:String} GROUP BY currency ORDER BY currency`,
    { params: { tenant, customer } },
  )
  return rows.map((row) => ({ ...row, orders: Number(row.orders) }))
}
