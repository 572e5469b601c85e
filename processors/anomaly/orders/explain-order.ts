/**
 * Why an order is unusual, in words: "9× this customer's usual amount, at 03:12, third order in 4 minutes". The forest
 * says which features mattered (`explain-row.ts`), the words say what they were. A feature that mattered but has
 * nothing to tell (a velocity of one, a usual amount) is passed over.
 */
import { type ObservedOrder, ORDER_FEATURES, type OrderContext, type OrderFeature } from './order-features.ts'
import { usualOfCustomer, usualOfTenant } from './order-history.ts'
import { type Language, ORDER_PHRASES, type OrderPhrases } from './order-phrases.ts'
import type { Velocity } from './sliding-counts.ts'

export interface ExplainedOrder {
  order: ObservedOrder
  context: OrderContext
  /** Steps saved by each feature, in the order of ORDER_FEATURES. */
  contributions: ArrayLike<number>
}

/** More would not be read. */
const MAX_REASONS = 4
/** Of the steps that the strongest feature saved. */
const LEAST_SHARE = 0.2
/** What is told as a multiple differs by half at least; log2. */
const LEAST_DOUBLINGS = Math.log2(1.5)
const LEAST_DISCOUNT = 0.05
/** So many orders within minutes are told whatever they weighed: where the sample has hardly any, no tree asks for them. */
const TELLING_COUNT = 3
const MINUTE_MS = 60_000

export function explainOrder(explained: ExplainedOrder, language: Language): string {
  return orderReasons(explained, language).join(', ')
}

/** The same one by one, the strongest first; at least one. */
export function orderReasons(explained: ExplainedOrder, language: Language): string[] {
  const phrases = ORDER_PHRASES[language]
  const reasons = [
    ...new Set([...strongestFeatures(explained.contributions), ...burstsOf(explained.context)]),
  ]
    .map((feature) => reasonOf(feature, explained, phrases, language))
    .filter((reason) => reason !== null)
  return reasons.length === 0 ? [phrases.nothing] : [...new Set(reasons)].slice(0, MAX_REASONS)
}

/** Those that saved a fair part of what the strongest saved, strongest first. */
export function strongestFeatures(contributions: ArrayLike<number>): OrderFeature[] {
  const ranked = ORDER_FEATURES.map((feature, at) => ({ feature, saved: contributions[at] ?? 0 })).sort(
    (a, b) => b.saved - a.saved,
  )
  const least = ranked[0]!.saved * LEAST_SHARE
  return ranked.filter(({ saved }) => saved > 0 && saved >= least).map(({ feature }) => feature)
}

function burstsOf({ velocity }: OrderContext): OrderFeature[] {
  const isBurst = (of: keyof typeof velocity) => (velocity[of]?.count ?? 0) >= TELLING_COUNT
  return (['customer', 'card', 'address'] as const).filter(isBurst).map((of) => `${of}_velocity` as const)
}

function reasonOf(
  feature: OrderFeature,
  { order, context }: ExplainedOrder,
  phrases: OrderPhrases,
  language: Language,
): string | null {
  const { customer, tenant, velocity } = context
  switch (feature) {
    case 'amount_vs_customer':
      return amountReason(order, customer && usualOfCustomer(customer)?.median, language, [
        phrases.amountAboveCustomer,
        phrases.amountBelowCustomer,
      ])
    case 'amount_vs_tenant':
      return amountReason(order, usualOfTenant(tenant)?.median, language, [
        phrases.amountAboveTenant,
        phrases.amountBelowTenant,
      ])
    case 'items':
      return phrases.items(order.items)
    case 'discount_share':
      return discountReason(order, phrases)
    case 'hour_rarity':
      return phrases.hour(clockOf(order.localHour))
    case 'region_rarity':
      return order.region === null || customer?.regions.has(order.region)
        ? null
        : phrases.region(order.region)
    case 'customer_velocity':
      return velocityReason(velocity.customer, 'customer', phrases)
    case 'card_velocity':
      return velocityReason(velocity.card, 'card', phrases)
    case 'address_velocity':
      return velocityReason(velocity.address, 'address', phrases)
    case 'new_customer':
      return customer?.orders === 0 ? phrases.newCustomer : null
    case 'price_vs_catalogue':
      return priceReason(order, phrases, language)
    default:
      return feature satisfies never
  }
}

type AboveBelow = readonly [above: (times: string) => string, below: (part: string) => string]

function amountReason(
  { amountE4 }: ObservedOrder,
  median: number | null | undefined,
  language: Language,
  phrases: AboveBelow,
): string | null {
  if (median === null || median === undefined || amountE4 <= 0) return null
  return ratioReason(Math.log2(amountE4) - median, language, phrases)
}

/** The line that is farthest from its catalogue price. */
function priceReason({ prices }: ObservedOrder, phrases: OrderPhrases, language: Language): string | null {
  const doublings = prices
    .filter(({ paidE4, catalogueE4 }) => paidE4 > 0 && catalogueE4 > 0)
    .map(({ paidE4, catalogueE4 }) => Math.log2(paidE4 / catalogueE4))
    .sort((a, b) => Math.abs(b) - Math.abs(a))[0]
  return doublings === undefined
    ? null
    : ratioReason(doublings, language, [phrases.priceAbove, phrases.priceBelow])
}

function ratioReason(doublings: number, language: Language, [above, below]: AboveBelow): string | null {
  if (Math.abs(doublings) < LEAST_DOUBLINGS) return null
  if (doublings > 0) return above(shortNumber(2 ** doublings, language))
  return below(`${shortNumber(100 * 2 ** doublings, language)}%`)
}

function discountReason({ amountE4, discountE4 }: ObservedOrder, phrases: OrderPhrases): string | null {
  const share = discountE4 / (amountE4 + discountE4)
  return share >= LEAST_DISCOUNT ? phrases.discount(Math.round(100 * share)) : null
}

function velocityReason(
  velocity: Velocity | null,
  of: 'customer' | 'card' | 'address',
  phrases: OrderPhrases,
): string | null {
  if (velocity === null || velocity.count < 2) return null
  return phrases.velocity(velocity.count, Math.max(1, Math.ceil(velocity.spanMs / MINUTE_MS)), of)
}

function clockOf(localHour: number): string {
  const minutes = Math.floor(localHour * 60 + 1e-6)
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Two figures are enough: 1.6, 9, 120. */
function shortNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 2, useGrouping: false }).format(value)
}
