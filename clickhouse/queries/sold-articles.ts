import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export const ARTICLE_SUMS = ['revenue', 'units', 'cost', 'costed_revenue'] as const

/**
 * A subquery: the articles of a range by day, name and category, where something is left of them (parameters `tenant`,
 * `from`, `to`, `currency`). What came back to nothing, say under a name that was corrected, stands in the table until some
 * merge removes it: without this the same question would have another answer before the merge and after it.
 */
export function soldArticlesSql(question: MoneyScope & DayRange): string {
  const sums = ARTICLE_SUMS.map((column) => `sum(t.${question.axis}_${column}) AS ${column}`)
  return `(SELECT sku, name, category, day, ${sums.join(', ')}
    FROM ${tableOf(question, 'products')} AS t
    WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}
    GROUP BY sku, name, category, day
    HAVING ${ARTICLE_SUMS.map((column) => `${column} != 0`).join(' OR ')})`
}
