/** Two tenants with nothing in common: zones on both sides of Greenwich, one of which changes its clock at midnight. */
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Shop } from './invent-order.ts'

export const NORTH: TenantConfig = { id: 'north', name: 'North', timeZone: 'Europe/Berlin', currency: 'EUR' }
export const SOUTH: TenantConfig = {
  id: 'south',
  name: 'South',
  timeZone: 'America/Santiago',
  currency: 'CLP',
}

export const NORTH_SHOP: Shop = {
  tenant: NORTH.id,
  zone: NORTH.timeZone,
  sources: ['shop', 'market'],
  currencies: ['EUR', 'GBP', 'SEK'],
  countries: ['Germany', 'France', 'Österreich'],
  // Both clock changes, a leap day and the turn of a year.
  anchors: instants('2025-03-30T01:00Z', '2025-10-26T01:00Z', '2024-02-29T12:00Z', '2024-12-31T23:00Z'),
}

/** In Chile the day of the change to summer time begins at 01:00; the other change repeats the last hour of a day. */
export const SOUTH_SHOP: Shop = {
  tenant: SOUTH.id,
  zone: SOUTH.timeZone,
  sources: ['shop'],
  currencies: ['CLP', 'USD'],
  countries: ['Chile', 'Perú'],
  anchors: instants('2025-09-07T04:00Z', '2025-04-06T03:00Z', '2024-12-31T23:00Z'),
}

function instants(...texts: string[]): number[] {
  return texts.map((text) => Date.parse(text))
}
