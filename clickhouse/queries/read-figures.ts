import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { Figures } from '../../core/contracts/tiles.ts'
import type { Warehouse } from '../warehouse.ts'
import { readCustomers } from './read-customers.ts'
import { type Headline, readHeadline, type Span } from './read-headline.ts'
import type { MoneyScope } from './scope.ts'

export interface SpanFigures {
  figures: Figures
  /** Revenue in other currencies where it is not zero, by currency. */
  otherCurrencies: { currency: string; revenue: string }[]
}

/** All figures of each span in the scope's currency, and what came in others beside them. */
export async function readFigures(
  warehouse: Warehouse,
  scope: MoneyScope,
  spans: readonly Span[],
): Promise<SpanFigures[]> {
  const [headlines, customers] = await Promise.all([
    readHeadline(warehouse, scope, spans),
    readCustomers(warehouse, scope, spans),
  ])
  return headlines.map((byCurrency, i) => figuresOf(byCurrency, scope.currency, customers[i] ?? 0))
}

/** What two views know of a span, as the figures of one currency and the revenue in others. */
export function figuresOf(
  byCurrency: Map<string, Headline>,
  currency: string,
  customers: number,
): SpanFigures {
  const { sales, orders, ...rest } = byCurrency.get(currency) ?? NOTHING
  return {
    figures: { ...rest, sales, orders, ticket: ticketOf(sales, orders), customers },
    otherCurrencies: othersOf(byCurrency, currency),
  }
}

const NOTHING: Headline = {
  revenue: '0',
  sales: '0',
  refunds: '0',
  refundCount: 0,
  credits: '0',
  creditCount: 0,
  adjustments: '0',
  adjustmentCount: 0,
  orders: 0,
  units: '0',
  guestOrders: 0,
  guestRevenue: '0',
}

// A day on which more orders were cancelled than placed has no ticket either.
function ticketOf(sales: string, orders: number): string | null {
  return orders > 0 ? fromE4(divideHalfEven(sumToE4(sales), BigInt(orders))) : null
}

function othersOf(byCurrency: Map<string, Headline>, own: string): SpanFigures['otherCurrencies'] {
  return [...byCurrency]
    .filter(([currency, { revenue }]) => currency !== own && sumToE4(revenue) !== 0n)
    .map(([currency, { revenue }]) => ({ currency, revenue }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
}
