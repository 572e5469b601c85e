/** Dates are bounded by tomorrow, judged by the clock of the append, so that a replay years later judges alike. */
import type { OrdersTopicEvent } from './events.ts'

const TWO_DAYS_MS = 2 * 86_400_000

/** The complaint about the first date that lies behind the day after the append; undefined when all is well. */
export function futureDate(event: OrdersTopicEvent, appendedAt: number): string | undefined {
  const latest = appendedAt + TWO_DAYS_MS
  for (const [name, instant] of datesOf(event)) {
    if (instant !== null && Date.parse(instant) > latest) return `${name}: ${instant} lies after tomorrow`
  }
  return undefined
}

function datesOf(event: OrdersTopicEvent): [string, string | null][] {
  switch (event.type) {
    case 'source.progress':
      return [['upTo', event.upTo]]
    case 'order.refund':
      return [
        ['changedAt', event.changedAt],
        ['refund.at', event.refund.at],
      ]
    case 'order.payment':
      return [
        ['changedAt', event.changedAt],
        ['payment.at', event.payment.at],
      ]
    case 'order.cancellation':
      return [
        ['changedAt', event.changedAt],
        ['cancellation.at', event.cancellation.at],
      ]
    case 'order':
      return [
        ['placedAt', event.placedAt],
        ['paidAt', event.paidAt],
        ['changedAt', event.changedAt],
        ['cancelledAt', event.cancelledAt],
        ...[...event.refunds, ...event.payments, ...event.cancellations].map(
          ({ id, at }): [string, string] => [`${id}.at`, at],
        ),
      ]
  }
}
