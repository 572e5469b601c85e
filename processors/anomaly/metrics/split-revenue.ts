/**
 * Why revenue is not what was expected: so much by the number of orders, so much by the ticket. Revenue is their
 * product, and neither can be changed "first" without favour; the logarithmic mean splits it without a rest and the
 * same in both directions (LMDI, Ang 2004). Where one of the four is zero everything is put down to the orders.
 */
export interface RevenueParts {
  orders: number
  /** Average amount; a plain number, not money that is booked. */
  ticket: number
}

export interface RevenueChange {
  byOrders: number
  byTicket: number
}

export function splitRevenue(observed: RevenueParts, expected: RevenueParts): RevenueChange {
  const now = observed.orders * observed.ticket
  const usual = expected.orders * expected.ticket
  if (!(now > 0 && usual > 0)) return { byOrders: now - usual, byTicket: 0 }
  const mean = now === usual ? now : (now - usual) / Math.log(now / usual)
  const byOrders = mean * Math.log(observed.orders / expected.orders)
  return { byOrders, byTicket: now - usual - byOrders }
}
