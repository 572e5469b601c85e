/**
 * The booked axis of one order, kept as its life happens, in the order in which it happens. Written from EXACTNESS.md
 * and in another way than processors/orders/book-entries.ts: after each event the accountant asks what the order is
 * worth now, and books what is missing on the day of the event.
 */
export interface Terms {
  counts: boolean
  /** False for credits and adjustments: money, but no order. */
  isOrder: boolean
  currency: string
  /** Before refunds. */
  grossE4: bigint
  placedAt: number
  paidAt: number | null
}

export interface LifePosting {
  at: number
  currency: string
  amountE4: bigint
  orders: number
}

interface Worth {
  amountE4: bigint
  orders: number
}

export class LifeBook {
  readonly postings: LifePosting[] = []
  #terms: Terms | undefined
  #openedAt: number | undefined
  #refundedE4 = 0n
  readonly #paymentsAt: number[] = []
  readonly #booked = new Map<string, Worth>()

  /** When the sale itself was booked; undefined while the order never counted. */
  get openedAt(): number | undefined {
    return this.#openedAt
  }

  get counts(): boolean {
    return this.#terms?.counts ?? false
  }

  get netE4(): bigint {
    return this.counts ? this.#terms!.grossE4 - this.#refundedE4 : 0n
  }

  get refundedE4(): bigint {
    return this.#refundedE4
  }

  pay(at: number): void {
    this.#paymentsAt.push(at)
  }

  /** A new version took effect. The first that counts is the sale: on the day of a payment known by then, else its sale day. */
  version(at: number, terms: Terms): void {
    this.#terms = terms
    if (this.#openedAt === undefined && !terms.counts) return
    this.#book(this.#openedAt === undefined ? this.#open(terms) : at)
  }

  #open(terms: Terms): number {
    const paid = [...this.#paymentsAt, ...(terms.paidAt === null ? [] : [terms.paidAt])]
    this.#openedAt = paid.length > 0 ? Math.min(...paid) : terms.placedAt
    return this.#openedAt
  }

  refund(at: number, amountE4: bigint): void {
    if (this.#openedAt === undefined) throw new Error('the source refunds nothing that was never sold')
    this.#refundedE4 += amountE4
    this.#book(at)
  }

  cancel(at: number): void {
    this.#terms = { ...this.#terms!, counts: false }
    this.#book(at)
  }

  #book(at: number): void {
    const worth = this.#worthNow()
    for (const currency of new Set([...this.#booked.keys(), ...worth.keys()])) {
      const before = this.#booked.get(currency) ?? { amountE4: 0n, orders: 0 }
      const now = worth.get(currency) ?? { amountE4: 0n, orders: 0 }
      const amountE4 = now.amountE4 - before.amountE4
      const orders = now.orders - before.orders
      if (amountE4 !== 0n || orders !== 0) this.postings.push({ at, currency, amountE4, orders })
      this.#booked.set(currency, now)
    }
  }

  #worthNow(): Map<string, Worth> {
    const terms = this.#terms!
    if (!terms.counts) return new Map()
    return new Map([
      [terms.currency, { amountE4: terms.grossE4 - this.#refundedE4, orders: terms.isOrder ? 1 : 0 }],
    ])
  }
}
