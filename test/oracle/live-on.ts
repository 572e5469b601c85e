/** What can happen to an order next, by what it is now. */
import { inventLine } from './invent-order.ts'
import type { OrderLife } from './order-life.ts'
import { type GivenBack, grossE4, lineAmountE4, orderEventOf, type Snapshot } from './snapshot.ts'

type Happening = (life: OrderLife) => void

/** One event of its life, and the events that tell of it. */
export function liveOn(life: OrderLife): void {
  life.pass()
  const opened = life.book.openedAt !== undefined
  const happenings = life.book.counts ? WHILE_IT_COUNTS : opened ? AFTER_IT_COUNTED : BEFORE_IT_COUNTS
  life.random.pick(happenings)(life)
}

const change =
  (alter: (now: Snapshot, life: OrderLife) => Partial<Snapshot>): Happening =>
  (life) => {
    Object.assign(life.now, alter(life.now, life))
    life.tell()
  }

const editLines = change(({ lines }, { random }) => ({
  lines: [...lines.slice(1), inventLine(random)],
  totalE4: null,
}))
const editPrice = change((now) => ({ totalE4: grossE4(now) + 10_101n }))
const editQuantity = change(({ lines }) => ({
  lines: lines.map((line) => ({
    ...line,
    quantityE4: line.quantityE4 + 5_000n,
    chargedE4: null,
    unitPriceE4: 33_333n,
  })),
}))
const changeCurrency = change((_, { random, shop }) => ({ currency: random.pick(shop.currencies) }))
const changeKind = change(({ kind }) => ({ kind: kind === 'sale' ? 'adjustment' : 'sale' }))
const changeCountry = change((_, { random, shop }) => ({ country: random.pick(shop.countries) }))
const nameCustomer = change((_, { random }) => ({
  customerId: random.chance(0.3) ? null : `c${random.int(1, 60)}`,
}))
const correctPlaced = change(({ placedAt }) => ({ placedAt: placedAt - 7_200_000 }))
const progress = change(({ status }) => ({ status: status === 'on-hold' ? 'processing' : 'completed' }))
const confirm = change((_, { at, random }) => ({
  status: random.pick(['processing', 'on-hold', 'completed']),
  paidAt: random.chance(0.5) ? at : null,
}))
const restore = change((_, { random }) => ({
  status: random.pick(['processing', 'completed']),
  cancelledAt: null,
}))
const cancel = change((_, { at, random }) => ({
  status: 'cancelled',
  cancelledAt: random.chance(0.5) ? at - 900 : null,
}))
const fail = change(() => ({ status: 'failed' }))
const cancelAlone: Happening = (life) => life.tellCancellation()
const payAlone: Happening = (life) => life.tellPayment(10_000n)

/** A refund that came with its order's next version: the snapshot has the whole list. */
const refundInside: Happening = (life) => {
  const refund = someRefund(life)
  if (refund === undefined) return
  life.giveBack(refund)
  const isWhole = life.book.netE4 === 0n
  life.now.refunds = [...life.now.refunds, refund]
  if (life.book.counts) life.now.status = isWhole ? 'refunded' : 'partially-refunded'
  life.tell()
}
const refundAlone: Happening = (life) => {
  const refund = someRefund(life)
  if (refund !== undefined) life.tellRefund(refund)
}
/** The same refund alone and, a version later, in the order's list: it must count once. */
const refundTwice: Happening = (life) => {
  const refund = someRefund(life)
  if (refund === undefined) return
  life.tellRefund(refund)
  life.now.refunds = [...life.now.refunds, refund]
  life.pass()
  life.tell()
}
/** What the ERP booked of the same order is another role: it must not count. */
const erpTwin: Happening = (life) => life.say({ ...orderEventOf(life.now, life.stamp()), role: 'erp' })

const WHILE_IT_COUNTS: readonly Happening[] = [
  ...[
    editLines,
    editPrice,
    editQuantity,
    changeCurrency,
    changeKind,
    changeCountry,
    nameCustomer,
    correctPlaced,
  ],
  ...[progress, progress, cancel, cancelAlone, payAlone, erpTwin],
  ...[refundInside, refundInside, refundAlone, refundAlone, refundTwice],
]
const AFTER_IT_COUNTED: readonly Happening[] = [restore, restore, changeCountry, refundAlone, refundInside]
const BEFORE_IT_COUNTS: readonly Happening[] = [confirm, confirm, confirm, payAlone, editPrice, fail, erpTwin]

function someRefund(life: OrderLife): GivenBack | undefined {
  const left = grossE4(life.now) - life.book.refundedE4
  if (left <= 0n || life.now.kind !== 'sale') return undefined
  const amountE4 = life.random.chance(0.2) ? left : (left * BigInt(life.random.int(1, 900))) / 1_000n + 1n
  const line = life.now.lines[0]
  const lines =
    line === undefined || lineAmountE4(line) < amountE4
      ? []
      : [{ sku: line.sku, name: line.name, quantityE4: 10_000n, amountE4 }]
  return { id: life.freshId('refund'), at: life.at, amountE4, lines }
}
