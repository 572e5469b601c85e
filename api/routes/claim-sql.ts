/** What the SQL of several claims has in common. */
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'

export const CHANGES = 'revwall.v1_order_changes'
export const COUNTED = "sign * counts * (kind = 'sale')"

export const ownSales = ({ currency }: MoneyScope) =>
  `topic = 'orders' AND role = 'sale' AND currency = ${quoteString(currency)} AND customer != ''`
