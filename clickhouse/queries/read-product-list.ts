/** Articles with what they brought and, where their costs are known, what they cost. */
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import type { DayRange, MoneyScope } from './scope.ts'
import { ARTICLE_SUMS, soldArticlesSql } from './sold-articles.ts'

export const PRODUCT_SORTS = ['revenue', 'units', 'profit', 'name'] as const
export type ProductSort = (typeof PRODUCT_SORTS)[number]

export interface Profit {
  /** Of the lines whose cost is known; null: no cost is known. */
  cost: string | null
  /** Revenue of the lines whose cost is known, less that cost. */
  profit: string | null
  /** Which part of the revenue the profit speaks of, 1 is all; null too where the revenue is nothing or less. */
  coverage: string | null
  /** Why there is no profit, else null. */
  profitReason: string | null
}

export interface ProductRow extends Profit {
  sku: string
  name: string
  category: string
  revenue: string
  units: string
}

export interface ProductList {
  /** Of all articles that match, as the sums are. */
  total: { articles: number; revenue: string; units: string } & Profit
  products: ProductRow[]
}

export interface ProductQuestion extends MoneyScope, DayRange {
  sort: ProductSort
  /** Part of the number or the name, whatever its case; empty: all. */
  search: string
  offset: number
  limit: number
}

/** A page of articles. Their name and category are the last day's that has one. */
export async function readProductList(warehouse: Warehouse, question: ProductQuestion): Promise<ProductList> {
  const { tenant, currency, from, to, search, offset, limit } = question
  const params = { tenant, currency, from, to, search, offset, limit }
  const [rows, [sums]] = await Promise.all([
    warehouse.query<Row>(
      `${articlesSql(question)} ORDER BY ${ORDERS[question.sort]}, sku LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
      { params },
    ),
    warehouse.query<SumsRow>(
      `SELECT count() AS articles, ${ARTICLE_SUMS.map((name) => `sum(a.${name}) AS ${name}`).join(', ')}
       FROM (${articlesSql(question)}) AS a`,
      { params },
    ),
  ])
  const { articles, revenue, units } = sums!
  return {
    total: { articles: Number(articles), revenue, units, ...profitOf(sums!) },
    products: rows.map((row) => {
      const { sku, name, category } = row
      return { sku, name, category, revenue: row.revenue, units: row.units, ...profitOf(row) }
    }),
  }
}

const ORDERS: Record<ProductSort, string> = {
  revenue: 'revenue DESC',
  units: 'units DESC',
  // What has no cost is behind all that has one, whatever it lost.
  profit: '(cost != 0 OR costed_revenue != 0) DESC, costed_revenue - cost DESC, revenue DESC',
  name: 'lowerUTF8(name)',
}

interface SumsRow {
  articles: string
  revenue: string
  units: string
  cost: string
  costed_revenue: string
}

interface Row extends Omit<SumsRow, 'articles'> {
  sku: string
  name: string
  category: string
}

function articlesSql(question: ProductQuestion): string {
  const sums = ARTICLE_SUMS.map((column) => `sum(p.${column}) AS ${column}`).join(', ')
  const last = (column: string) => `argMax(p.${column}, (p.${column} != '', p.day, p.${column})) AS ${column}`
  return `SELECT sku, ${last('name')}, ${last('category')}, ${sums}
    FROM ${soldArticlesSql(question)} AS p
    GROUP BY sku
    HAVING (revenue != 0 OR units != 0 OR cost != 0 OR costed_revenue != 0)
      AND ({search:String} = '' OR positionCaseInsensitiveUTF8(sku, {search:String}) > 0
        OR positionCaseInsensitiveUTF8(name, {search:String}) > 0)`
}

/** A cost that is told moves at least one of the two sums, unless what was sold came back whole: then nothing is left to tell. */
function profitOf(row: Pick<SumsRow, 'revenue' | 'cost' | 'costed_revenue'>): Profit {
  const costE4 = sumToE4(row.cost)
  const costedE4 = sumToE4(row.costed_revenue)
  const revenueE4 = sumToE4(row.revenue)
  if (costE4 === 0n && costedE4 === 0n)
    return {
      cost: null,
      profit: null,
      coverage: null,
      profitReason: 'no source tells a cost for these lines',
    }
  const coverage = revenueE4 > 0n ? fromE4(divideHalfEven(costedE4 * 10_000n, revenueE4)) : null
  return { cost: row.cost, profit: fromE4(costedE4 - costE4), coverage, profitReason: null }
}
