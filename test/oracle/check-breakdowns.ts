/**
 * The law of breakdowns: whatever the orders are split by, the sum over the values is the headline, for each tenant, day
 * and currency, on both axes. What is not told is a value too; whatever were dropped would be missing here.
 */
import { bounded } from './diff-ledgers.ts'
import type { TableScope } from './read-base.ts'

export const DIMENSIONS = ['region', 'state', 'country', 'channel', 'rep', 'status'] as const
/** What both views have. */
const MEASURES = ['revenue', 'sales', 'refunds', 'orders', 'units'].flatMap((name) => [
  `booked_${name}`,
  `sale_${name}`,
])

interface Row {
  tenant: string
  day: string
  currency: string
  split: string
  off: string[]
}

export async function checkBreakdowns({ warehouse, database }: TableScope): Promise<string[]> {
  const splits = `[${DIMENSIONS.map((name) => `'${name}'`).join(', ')}]`
  const side = (from: string, split: string, sign: string) =>
    `SELECT tenant, day, currency, ${split} AS split, ${MEASURES.map((name) => `${sign}toDecimal128(${name}, 4) AS ${name}`).join(', ')} FROM ${database}.${from}`
  const off = MEASURES.map((name) => `toString(sum(t.${name}))`).join(', ')
  const rows = await warehouse.query<Row>(
    `SELECT tenant, day, currency, split, [${off}] AS off
     FROM (${side('breakdowns_v1', 'dimension', '')} UNION ALL ${side('headline_v1', `arrayJoin(${splits})`, '-')}) AS t
     GROUP BY tenant, day, currency, split HAVING arrayExists(by -> by != '0', off)
     ORDER BY tenant, day, currency, split LIMIT 100`,
  )
  return bounded('breakdowns', rows.map(describe))
}

function describe({ tenant, day, currency, split, off }: Row): string {
  const by = off.flatMap((value, i) => (value === '0' ? [] : [`${MEASURES[i]} off by ${value}`]))
  return `breakdowns: ${tenant} ${day} ${currency}: the values of ${split} do not add up to the headline: ${by.join(', ')}`
}
