/** New orders of the test source: plausible, with the amounts and instants at which sums usually go wrong. */
import { nextMidnight } from './local-days.ts'
import type { Random } from './random.ts'
import type { Snapshot, SoldLine } from './snapshot.ts'

export interface Shop {
  tenant: string
  zone: string
  sources: readonly string[]
  currencies: readonly string[]
  countries: readonly string[]
  /** Instants (ms) around which its orders are placed: clock changes, turns of months and years. */
  anchors: readonly number[]
}

const HOUR_MS = 3_600_000

export function inventOrder(random: Random, shop: Shop): Snapshot {
  const lines = Array.from({ length: random.int(1, 4) }, () => inventLine(random))
  const kind = random.chance(0.06) ? 'credit' : random.chance(0.04) ? 'adjustment' : 'sale'
  const sign = kind === 'sale' ? 1n : -1n
  return {
    kind,
    status: random.pick([
      'processing',
      'completed',
      'on-hold',
      'pending',
      'draft',
      'processing',
      'completed',
    ]),
    placedAt: inventInstant(random, shop),
    paidAt: null,
    cancelledAt: null,
    customerId: random.chance(0.3) ? null : `c${random.int(1, 60)}`,
    currency: random.pick(shop.currencies),
    country: random.chance(0.1) ? null : random.pick(shop.countries),
    discountE4: random.chance(0.3) ? BigInt(random.int(1, 50_000)) : null,
    shippingE4: random.chance(0.3) ? BigInt(random.int(0, 9) * 9_900) : null,
    taxE4: random.chance(0.3) ? BigInt(random.int(1, 99_999)) : null,
    totalE4: random.chance(0.2) ? sign * BigInt(random.int(10_000, 9_000_000)) : null,
    lines: lines.map((line) => ({ ...line, quantityE4: sign * line.quantityE4 })),
    payments: [],
    refunds: [],
  }
}

export function inventLine(random: Random): SoldLine {
  const article = random.int(1, 40)
  const isHuge = random.chance(0.02)
  return {
    sku: `SKU-${article}`,
    name: `Article ${article}`,
    category: random.chance(0.5) ? random.pick(['Kitchen', 'Garden']) : null,
    quantityE4: random.chance(0.2) ? BigInt(random.int(1, 99_999)) : BigInt(random.int(1, 12)) * 10_000n,
    // Past 2^53 / 10^4 a float can no longer hold the fourth decimal of a sum.
    unitPriceE4: isHuge
      ? 98_765_432_109_876n
      : BigInt(random.int(1, 40) * random.int(1, 40) * 125 + random.int(0, 99)),
    chargedE4: isHuge ? BigInt(random.int(1, 9)) * 11_111_111_111_111n : null,
  }
}

/** Near an anchor; every fourth one within seconds of a local midnight. */
function inventInstant(random: Random, shop: Shop): number {
  const near = random.pick(shop.anchors) + random.int(-40 * HOUR_MS, 40 * HOUR_MS)
  return random.chance(0.25) ? nearMidnight(random, shop.zone, near) : near
}

export function nearMidnight(random: Random, zone: string, ms: number): number {
  return nextMidnight(zone, ms) + random.pick([-1_000, -1, 0, 1, 1_000])
}
