/**
 * What an accountant would put on paper: sums and counts by tenant, source, currency, axis, day and status. Everything
 * that revwall shows can be brought to this form, more or less coarse, and compared to the cent.
 */
export interface LedgerKey {
  tenant: string
  source: string
  currency: string
  axis: 'booked' | 'sale'
  /** YYYY-MM-DD in the tenant's zone. */
  day: string
  status: string
}

export interface LedgerSums {
  /** In 1/10,000 units. */
  amountE4: bigint
  orders: number
}

const FIELDS = ['tenant', 'source', 'currency', 'axis', 'day', 'status'] as const
/** Stands for a field that a ledger does not tell apart. */
const ANY = '*'
/** No key of the contract holds it. */
const SEPARATOR = '\u0001'

export class Ledger {
  readonly #sums = new Map<string, LedgerSums>()

  add(key: LedgerKey, { amountE4, orders }: LedgerSums): void {
    const id = FIELDS.map((field) => key[field]).join(SEPARATOR)
    const sums = this.#sums.get(id)
    if (sums === undefined) this.#sums.set(id, { amountE4, orders })
    else this.#sums.set(id, { amountE4: sums.amountE4 + amountE4, orders: sums.orders + orders })
  }

  merge(other: Ledger): this {
    for (const [key, sums] of other.entries()) this.add(key, sums)
    return this
  }

  /** Buckets that hold something; one that came back to nothing is as good as absent. */
  *entries(): Iterable<[LedgerKey, LedgerSums]> {
    for (const [id, sums] of this.#sums) {
      if (sums.amountE4 === 0n && sums.orders === 0) continue
      const values = id.split(SEPARATOR)
      const key = Object.fromEntries(FIELDS.map((field, index) => [field, values[index]!]))
      yield [key as unknown as LedgerKey, sums]
    }
  }

  get size(): number {
    return [...this.entries()].length
  }

  total(axis: LedgerKey['axis'] = 'booked'): LedgerSums {
    const sums = { amountE4: 0n, orders: 0 }
    for (const [key, { amountE4, orders }] of this.entries()) {
      if (key.axis !== axis) continue
      sums.amountE4 += amountE4
      sums.orders += orders
    }
    return sums
  }

  /** Does not tell these fields apart any more. */
  without(...fields: (keyof LedgerKey)[]): Ledger {
    const coarse = new Ledger()
    for (const [key, sums] of this.entries()) {
      const blank = Object.fromEntries(fields.map((field) => [field, ANY]))
      coarse.add({ ...key, ...blank } as LedgerKey, sums)
    }
    return coarse
  }

  /** For views that have no status. */
  withoutStatus(): Ledger {
    return this.without('status')
  }

  /** One axis alone. */
  onAxis(axis: LedgerKey['axis']): Ledger {
    return this.only((key) => key.axis === axis)
  }

  /** For views that have money but no orders. */
  withoutOrders(): Ledger {
    const money = new Ledger()
    for (const [key, { amountE4 }] of this.entries()) money.add(key, { amountE4, orders: 0 })
    return money
  }

  sumsOf(key: LedgerKey): LedgerSums {
    const id = FIELDS.map((field) => key[field]).join(SEPARATOR)
    return this.#sums.get(id) ?? { amountE4: 0n, orders: 0 }
  }

  only(keep: (key: LedgerKey) => boolean): Ledger {
    const some = new Ledger()
    for (const [key, sums] of this.entries()) if (keep(key)) some.add(key, sums)
    return some
  }
}
