/**
 * The life of one order at the test source: what happens to it, when, in true order; the events that tell of it; and
 * the book that is kept meanwhile by what happened, not by reading the events again.
 */
import { inventLine, inventOrder, nearMidnight, type Shop } from './invent-order.ts'
import { LifeBook } from './life-book.ts'
import type { Random } from './random.ts'
import {
  countsIn,
  type GivenBack,
  grossE4,
  head,
  iso,
  orderEventOf,
  paymentOf,
  refundOf,
  type Snapshot,
  type Stamp,
} from './snapshot.ts'

export interface ToldEvent {
  /** When the source told it. */
  due: number
  event: object
}

/** Two contents of one version; the source answers a re-read with the true one. */
export interface Conflict {
  version: number
  truth: object
}

export class OrderLife {
  readonly random: Random
  readonly shop: Shop
  readonly source: string
  readonly orderId: string
  readonly book = new LifeBook()
  readonly told: ToldEvent[] = []
  readonly refunds: GivenBack[] = []
  now: Snapshot
  conflict: Conflict | undefined
  /** Cancelled by a cancellation that came alone, and not restored since. */
  cancelledAlone = false
  #at: number
  #version: number
  #nextId = 1

  constructor(random: Random, shop: Shop, source: string, orderId: string) {
    this.random = random
    this.shop = shop
    this.source = source
    this.orderId = orderId
    this.now = inventOrder(random, shop)
    this.#at = this.now.placedAt + random.int(0, 90) * 1_000
    // Some vendors number their versions, others have nothing but a clock that ticks in seconds.
    this.#version = random.chance(0.5) ? random.int(1, 5) : Math.floor(this.#at / 1_000)
    if (random.chance(0.3)) this.now.paidAt = this.#at
    this.tell()
  }

  get at(): number {
    return this.#at
  }

  get status(): string {
    return this.cancelledAlone ? 'cancelled' : this.now.status
  }

  freshId(prefix: string): string {
    return `${prefix}-${this.#nextId++}`
  }

  /** Time passes: seconds, days, or until about midnight. Versions rise with it. */
  pass(): void {
    const gapMs = this.random.pick([5_000, 600_000, 3 * 3_600_000, 26 * 3_600_000, 9 * 86_400_000])
    const later = this.#at + gapMs + this.random.int(1_000, 300_000)
    this.#at = this.random.chance(0.2) ? nearMidnight(this.random, this.shop.zone, later) : later
    this.#version =
      this.#version > 1_000 ? Math.floor(this.#at / 1_000) : this.#version + this.random.int(1, 3)
  }

  stamp(): Stamp {
    const { source, orderId } = this
    return { tenant: this.shop.tenant, source, orderId, version: this.#version, changedAt: this.#at }
  }

  /** The present snapshot takes effect and is told. */
  tell(): void {
    this.take()
    this.say(orderEventOf(this.now, this.stamp()))
  }

  /** The present snapshot takes effect in the books. */
  take(): void {
    const { status, kind, currency, placedAt, paidAt, cancelledAt } = this.now
    const counts = countsIn(status)
    this.cancelledAlone = false
    const at = counts ? this.#at : (cancelledAt ?? this.#at)
    this.book.version(at, {
      counts,
      isOrder: kind === 'sale',
      currency,
      grossE4: grossE4(this.now),
      placedAt,
      paidAt,
    })
  }

  say(event: object): void {
    this.told.push({ due: this.#at, event })
  }

  tellPayment(amountE4: bigint): void {
    const payment = { id: this.freshId('pay'), at: this.#at, amountE4 }
    this.book.pay(payment.at)
    this.say({ type: 'order.payment', ...head(this.stamp()), payment: paymentOf(payment) })
  }

  giveBack(refund: GivenBack): void {
    this.book.refund(refund.at, refund.amountE4)
    this.refunds.push(refund)
  }

  tellRefund(refund: GivenBack): void {
    this.giveBack(refund)
    this.say({ type: 'order.refund', ...head(this.stamp()), refund: refundOf(refund) })
  }

  tellCancellation(): void {
    this.book.cancel(this.#at)
    this.cancelledAlone = true
    const cancellation = { id: this.freshId('cancel'), at: iso(this.#at) }
    this.say({ type: 'order.cancellation', ...head(this.stamp()), cancellation })
  }

  /** Two edits within one tick of the vendor's clock: both are told under one version, one of them is true. */
  tellConflict(): void {
    const before = { ...this.now }
    const one = { ...before, totalE4: grossE4(before) + 12_345n }
    const other = {
      ...before,
      lines: [...before.lines, inventLine(this.random)],
      totalE4: null,
      taxE4: 4_321n,
    }
    this.now = this.random.pick([one, other])
    this.take()
    this.conflict = { version: this.#version, truth: orderEventOf(this.now, this.stamp()) }
    for (const content of [one, other]) this.say(orderEventOf(content, this.stamp()))
  }
}
