/** What is refunded of an order. */
import { instantText, moneyText, quantityText } from './event-text.ts'
import { type OrderContent, thousandths } from './invent-order.ts'
import type { OrderBook } from './order-book.ts'
import type { GivenBack } from './order-events.ts'
import type { SoldLine } from './product.ts'
import type { Random } from './random.ts'

interface Refundable {
  readonly orderId: string
  readonly version: number
  readonly lastMs: number
  readonly content: OrderContent
  readonly book: OrderBook
}

const WHOLE_SHARE = 0.25
const GOODWILL_SHARE = 0.3

/** Everything that is left, one line, or a sum without goods; never more than the order is still worth. */
export function giveBack(random: Random, order: Refundable): GivenBack | undefined {
  const { content, book, orderId, version, lastMs } = order
  const leftE4 = content.grossE4 - book.refundedE4
  if (leftE4 <= 0) return undefined
  const share = random.next()
  const isWhole = share < WHOLE_SHARE && book.refundedE4 === 0
  const line = random.pick(content.lines)
  const goodwillE4 = thousandths(leftE4 * random.int(50, 400))
  const isGoodwill = share > 1 - GOODWILL_SHARE || line.amountE4 > leftE4
  const lines = isWhole ? content.lines : isGoodwill ? [] : [line]
  const amountE4 = isWhole ? leftE4 : isGoodwill ? Math.max(1, goodwillE4) : line.amountE4
  const told = {
    id: `${orderId}-r${version}`,
    at: instantText(lastMs),
    amount: moneyText(amountE4),
    lines: lines.map(toldRefundLine),
  }
  return { told, amountE4, unitsE4: lines.reduce((sum, { milli }) => sum + milli * 10, 0) }
}

function toldRefundLine({ told, milli, amountE4 }: SoldLine) {
  return { sku: told.sku, name: told.name, quantity: quantityText(milli), amount: moneyText(amountE4) }
}
