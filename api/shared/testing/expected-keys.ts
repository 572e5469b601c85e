/** What the keys in Redis should be, by plain sums over `order_changes`; and what they are. */
import type { Redis } from 'ioredis'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'

export interface Shop {
  tenant: string
  currency: string
  prefix: string
  /** Local day, YYYY-MM-DD. */
  today: string
}

/** All keys with their values; those of days from the first to `today`. */
export async function expectedKeys(warehouse: Warehouse, database: string, shop: Shop) {
  const keys = new Map<string, string>()
  const rows = await warehouse.query<{ d: string; revenue: string; orders: string; customers: string }>(
    `SELECT d, sum(revenue_of) AS revenue, sum(orders_of) AS orders, countIf(customer != '' AND orders_of > 0) AS customers
     FROM (SELECT d, customer, sum(sign * a) AS revenue_of, sum(sign * o) AS orders_of
       FROM ${database}.order_changes ARRAY JOIN booked_day AS d, booked_amount AS a, booked_orders AS o, booked_currency AS c
       WHERE sign != 0 AND tenant = {tenant:String} AND c = {currency:String}
       GROUP BY d, customer)
     GROUP BY d HAVING revenue != 0 OR orders != 0 ORDER BY d`,
    { params: { ...shop } },
  )
  const regions = await warehouse.query<{ d: string; region: string; revenue: string }>(
    `SELECT d, region, sum(sign * a) AS revenue
     FROM ${database}.order_changes ARRAY JOIN booked_day AS d, booked_amount AS a, booked_currency AS c
     WHERE sign != 0 AND tenant = {tenant:String} AND c = {currency:String}
     GROUP BY d, region HAVING revenue != 0`,
    { params: { ...shop } },
  )
  const { prefix } = shop
  for (const day of daysFrom(rows[0]?.d ?? shop.today, shop.today)) {
    const row = rows.find(({ d }) => d === day)
    keys.set(`${prefix}faturamento:${day}`, row?.revenue ?? '0')
    keys.set(`${prefix}pedidos_count:${day}`, row?.orders ?? '0')
    keys.set(`${prefix}clientes_ativos:${day}`, row?.customers ?? '0')
  }
  for (const { d, region, revenue } of regions) keys.set(`${prefix}vendas_por_regiao:${region}:${d}`, revenue)
  return keys
}

function daysFrom(first: string, last: string): string[] {
  const days = []
  for (let ms = Date.parse(first); ms <= Date.parse(last); ms += 86_400_000)
    days.push(new Date(ms).toISOString().slice(0, 10))
  return days
}

/** The plain strings in Redis, but not what is its writers' own. */
export async function keysIn(client: Redis): Promise<Map<string, string>> {
  const names = (await client.keys('*')).filter((name) => !name.includes('revwall:')).sort()
  const strings = names.filter((name) => !name.includes('top_produtos'))
  if (strings.length === 0) return new Map()
  const values = await client.mget(strings)
  return new Map(strings.map((name, i) => [name, values[i] ?? '']))
}

export const sorted = (keys: Iterable<[string, string]>) => [...keys].sort(([a], [b]) => (a < b ? -1 : 1))
