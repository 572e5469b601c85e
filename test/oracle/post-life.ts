/** The entries of one order's life in the books: both axes, split by what the order is in the end. */
import type { Books, Posting } from './books.ts'
import { dayIn } from './local-days.ts'
import type { OrderLife } from './order-life.ts'
import { lineAmountE4 } from './snapshot.ts'

export function postLife(books: Books, life: OrderLife): void {
  const { book, now, shop, source, status } = life
  const common = { tenant: shop.tenant, source, status, isGuest: now.customerId === null }
  for (const { at, currency, amountE4, orders } of book.postings)
    books.post({ ...common, axis: 'booked', currency, day: dayIn(shop.zone, at), amountE4, orders })
  if (!book.counts) return
  const sale = {
    ...common,
    axis: 'sale',
    currency: now.currency,
    day: dayIn(shop.zone, now.placedAt),
  } as const
  books.post({ ...sale, amountE4: book.netE4, orders: now.kind === 'sale' ? 1 : 0 })
  if (now.kind !== 'adjustment') postLines(books, life, sale)
}

/** Products: lines on the day of the sale, refunded lines on the day of the refund or, on the sale axis, of the sale. */
function postLines(
  books: Books,
  { book, now, refunds, shop }: OrderLife,
  sale: Omit<Posting, 'amountE4' | 'orders'>,
): void {
  const post = (amountE4: bigint, at: number) => {
    books.postLine({ ...sale, amountE4, orders: 0 })
    books.postLine({ ...sale, axis: 'booked', day: dayIn(shop.zone, at), amountE4, orders: 0 })
  }
  for (const line of now.lines) post(lineAmountE4(line), book.openedAt!)
  for (const refund of refunds) for (const line of refund.lines) post(-line.amountE4, refund.at)
}
