/**
 * An order as a row of numbers for the forest, from what is known at its moment. Nothing is computed from the order
 * itself twice: what it is compared with must not contain it yet (velocity apart, which counts it).
 *
 * Every feature is a logarithm or a share, so that a cut means the same at any size, and NaN where there is nothing to
 * compare with: the forest takes that for ordinary.
 */
import {
  type CustomerHistory,
  HOURS,
  type TenantHistory,
  usualOfCustomer,
  usualOfTenant,
} from './order-history.ts'
import type { Velocity } from './sliding-counts.ts'

export const ORDER_FEATURES = [
  /** log2 of the amount over the customer's median. */
  'amount_vs_customer',
  /** (log2 amount − the tenant's median) / spread. */
  'amount_vs_tenant',
  /** log2(1 + units). */
  'items',
  /** Discount over what it would have cost. */
  'discount_share',
  /** −log2 of the share of the tenant's orders in that hour. */
  'hour_rarity',
  /** −log2 of the share of that region among the customer's orders. */
  'region_rarity',
  /** log2 of orders in the window. */
  'customer_velocity',
  'card_velocity',
  'address_velocity',
  /** 1 for a first order. */
  'new_customer',
  /** The largest |log2(price / catalogue price)| of a line. */
  'price_vs_catalogue',
] as const

export type OrderFeature = (typeof ORDER_FEATURES)[number]

export interface ObservedOrder {
  amountE4: number
  /** What was taken off; 0 or more. */
  discountE4: number
  /** Units of all lines. */
  items: number
  /** Local time of day in hours, 0 ≤ h < 24, minutes as a fraction. */
  localHour: number
  region: string | null
  /** Unit prices against the catalogue's; lines without a catalogue price are left out. */
  prices: readonly { paidE4: number; catalogueE4: number }[]
}

export interface OrderContext {
  /** Null for a guest. */
  customer: CustomerHistory | null
  tenant: TenantHistory
  /** Null where the order names none. */
  velocity: Record<'customer' | 'card' | 'address', Velocity | null>
}

/** A spread below a quarter of a doubling (19 %) is taken for that: a shop with one price has none. */
const LEAST_SPREAD = 0.25

/** In the order of ORDER_FEATURES. */
export function orderFeatures(order: ObservedOrder, context: OrderContext): Float64Array {
  const { customer, velocity } = context
  const row: Record<OrderFeature, number> = {
    amount_vs_customer: amountVsCustomer(order, customer),
    amount_vs_tenant: amountVsTenant(order, context.tenant),
    items: Math.log2(1 + Math.max(0, order.items)),
    discount_share: discountShare(order),
    hour_rarity: hourRarity(order, context.tenant),
    region_rarity: regionRarity(order, customer),
    customer_velocity: velocityLog(velocity.customer),
    card_velocity: velocityLog(velocity.card),
    address_velocity: velocityLog(velocity.address),
    new_customer: customer === null ? Number.NaN : customer.orders === 0 ? 1 : 0,
    price_vs_catalogue: priceVsCatalogue(order),
  }
  return Float64Array.from(ORDER_FEATURES, (feature) => row[feature])
}

function amountVsCustomer({ amountE4 }: ObservedOrder, customer: CustomerHistory | null): number {
  const usual = customer && usualOfCustomer(customer)
  return usual && amountE4 > 0 ? Math.log2(amountE4) - usual.median : Number.NaN
}

function amountVsTenant({ amountE4 }: ObservedOrder, tenant: TenantHistory): number {
  const usual = usualOfTenant(tenant)
  if (usual === null || amountE4 <= 0) return Number.NaN
  return (Math.log2(amountE4) - usual.median) / Math.max(usual.spread, LEAST_SPREAD)
}

function discountShare({ amountE4, discountE4 }: ObservedOrder): number {
  const full = amountE4 + discountE4
  return full > 0 ? Math.min(1, Math.max(0, discountE4 / full)) : 0
}

/** One order is added to each hour, so that an hour without any is rare and not impossible. */
function hourRarity({ localHour }: ObservedOrder, { hours, orders }: TenantHistory): number {
  return -Math.log2((hours[Math.floor(localHour)]! + 1) / (orders + HOURS))
}

function regionRarity({ region }: ObservedOrder, customer: CustomerHistory | null): number {
  if (customer === null || region === null || customer.regions.size === 0) return Number.NaN
  const known = [...customer.regions.values()].reduce((sum, count) => sum + count, 0)
  return -Math.log2(((customer.regions.get(region) ?? 0) + 0.5) / (known + 0.5))
}

function velocityLog(velocity: Velocity | null): number {
  return velocity === null ? Number.NaN : Math.log2(velocity.count)
}

function priceVsCatalogue({ prices }: ObservedOrder): number {
  const ratios = prices
    .filter(({ paidE4, catalogueE4 }) => paidE4 > 0 && catalogueE4 > 0)
    .map(({ paidE4, catalogueE4 }) => Math.abs(Math.log2(paidE4 / catalogueE4)))
  return ratios.length === 0 ? Number.NaN : Math.max(...ratios)
}
