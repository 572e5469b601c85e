/**
 * Monthly cohorts: of those who first bought in a month, how many bought in that one and in each month after it, and what all
 * of them brought in it. By sale day: a cancelled order never was one, a refund lowers the month of its order.
 */
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf } from './scope.ts'

export interface CohortMonth {
  /** First day of the month in which they first bought, YYYY-MM-DD. */
  month: string
  /** Months since. */
  after: number
  /** Of the cohort, with an order that counts in that month. */
  customers: number
  /** Of the whole cohort, credits and adjustments of its customers with it. */
  revenue: string
}

export interface RetentionQuestion extends Scope {
  currency: string
  /** Cohorts from this month on, YYYY-MM-DD of its first day. */
  from: string
}

/** What is not there nobody bought in. `sql`: the same, as an analyst asks for it. */
export async function readRetention(
  warehouse: Warehouse,
  question: RetentionQuestion,
): Promise<{ cells: CohortMonth[]; sql: string }> {
  const { tenant, currency, from } = question
  const rows = await warehouse.query<{ month: string; after: string; customers: string; revenue: string }>(
    retentionSql(tableOf(question, 'customer_days'), {
      ...{ currency: '{currency:String}', from: '{from:Date}' },
      where: 'tenant = {tenant:String} AND ',
    }),
    { params: { tenant, currency, from } },
  )
  const cells = rows.map(({ month, after, customers, revenue }) => ({
    ...{ month, after: Number(after), customers: Number(customers), revenue },
  }))
  const sql = retentionSql('revwall.v1_customer_days', {
    ...{ currency: quoteString(currency), from: `'${from}'`, where: '' },
  })
  return { cells, sql }
}

/** In lines, for it is read as well. */
function retentionSql(
  table: string,
  { currency, from, where }: { currency: string; from: string; where: string },
): string {
  return `SELECT toString(cohort) AS month, dateDiff('month', cohort, each.1) AS after,
  countIf(each.2 > 0) AS customers, sum(each.3) AS revenue
FROM (
  SELECT customer, minIf(bought, orders > 0) AS cohort, groupArray((bought, orders, amount)) AS months
  FROM (
    SELECT customer, toStartOfMonth(day) AS bought, sum(sale_orders) AS orders, sum(sale_revenue) AS amount
    FROM ${table}
    WHERE ${where}currency = ${currency}
    GROUP BY customer, bought
  )
  GROUP BY customer
  HAVING countIf(orders > 0) > 0 AND cohort >= ${from}
)
ARRAY JOIN months AS each
WHERE each.1 >= cohort
GROUP BY cohort, after
ORDER BY cohort, after`
}
