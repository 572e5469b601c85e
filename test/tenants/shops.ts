/**
 * Two tenants that have everything in common but whose it is: the same source, order ids, customers, articles, channels,
 * addresses, and each sells in the other's currency too. What tells them apart is one currency and one word each, in
 * their names, countries and articles: what of these shows in an answer to the other has leaked.
 */
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Shop } from '../oracle/invent-order.ts'

export interface TenantCase {
  tenant: TenantConfig
  shop: Shop
  seed: number
  orders: number
  /** In no answer to anybody else; whatever its case. */
  words: readonly string[]
  /** An amount that nobody else has. */
  amount: string
}

/** Both of both zones: what is a change of the clock here is an hour as any other there. */
const CHANGES = ['2025-03-09T07:00Z', '2025-11-02T06:00Z', '2025-03-30T01:00Z', '2025-10-26T01:00Z'].map(
  (text) => Date.parse(text),
)

export const SOURCE = 'shop'
/** Of the range of a question, which takes 400 days: every order of both, and whatever happens to it later. */
export const FROM = '2025-01-01'
export const TO = '2026-02-04'

export const HUDSON: TenantCase = caseOf({
  tenant: { id: 'hudson', name: 'Hudson', timeZone: 'America/New_York', currency: 'USD' },
  currencies: ['USD', 'GBP', 'MXN'],
  seed: 31,
  orders: 40,
  amount: '31313.11',
})

/** Has ten orders more, of which the other knows nothing. */
export const THAMES: TenantCase = caseOf({
  tenant: { id: 'thames', name: 'Thames', timeZone: 'Europe/London', currency: 'GBP' },
  currencies: ['GBP', 'USD', 'SEK'],
  seed: 32,
  orders: 50,
  amount: '73737.37',
})

export const orderIdOf = (n: number) => `A/${1_000 + n}`
/** Of an order that both have, and of one that only the second has. */
export const COMMON_ORDER = orderIdOf(1)
export const LONE_ORDER = orderIdOf(THAMES.orders)

function caseOf(of: {
  tenant: TenantConfig
  currencies: readonly string[]
  seed: number
  orders: number
  amount: string
}): TenantCase {
  const { tenant, currencies, seed, orders, amount } = of
  const countries = ['North', 'South'].map((part) => `${part} ${tenant.name}`)
  return {
    ...{ tenant, seed, orders, amount },
    shop: {
      tenant: tenant.id,
      zone: tenant.timeZone,
      sources: [SOURCE],
      ...{ currencies, countries, anchors: CHANGES },
    },
    words: [tenant.id, tenant.timeZone, currencies[2]!, amount],
  }
}
