/** The ledger as the api tells it over HTTP, and as the last frame of a wall has it. */
import { openWall } from '../../api/testing/open-wall.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import { Ledger, type LedgerKey } from './ledger.ts'
import { sumText } from './sum-text.ts'

interface HeadlineAnswer {
  currency: string
  figures: { revenue: string; orders: number }
  otherCurrencies: { currency: string; revenue: string }[]
}

const AXES = ['booked', 'sale'] as const

/** Day by day on both axes: money and orders in the tenant's currency, money alone in others. */
export async function readApiLedger(
  url: string,
  tenant: TenantConfig,
  days: readonly string[],
): Promise<Ledger> {
  const ledger = new Ledger()
  for (const axis of AXES) {
    for (const day of days) {
      const path = `/api/v1/headline?tenant=${tenant.id}&from=${day}&to=${day}&axis=${axis}`
      const answer = (await (await fetch(`${url}${path}`)).json()) as HeadlineAnswer
      addAnswer(ledger, { tenant: tenant.id, source: '*', axis, day, status: '*' }, answer)
    }
  }
  return ledger
}

/** What a wall that is opened now shows of its day. */
export async function readWallHero(
  url: string,
  tenant: TenantConfig,
  axis: LedgerKey['axis'],
): Promise<Tiles['hero']> {
  const wall = await openWall(url, { tenant: tenant.id, axis })
  try {
    await wall.until(({ tiles }) => tiles.hero?.axis === axis)
    return wall.tiles.hero!
  } finally {
    await wall.close()
  }
}

/** The same keys as those of `readApiLedger`, of the hero's day alone. */
export function ledgerOfHero(
  tenant: TenantConfig,
  { axis, day, currency, today, otherCurrencies }: Tiles['hero'],
): Ledger {
  const ledger = new Ledger()
  const key = { tenant: tenant.id, source: '*', axis, day, status: '*' }
  addAnswer(ledger, key, { currency, figures: today, otherCurrencies })
  return ledger
}

/** What the books say, brought to those keys. */
export function asTheApiTells(ledger: Ledger, tenant: TenantConfig): Ledger {
  const told = new Ledger()
  for (const [key, { amountE4, orders }] of ledger.without('source', 'status').entries()) {
    if (key.tenant === tenant.id)
      told.add(key, { amountE4, orders: key.currency === tenant.currency ? orders : 0 })
  }
  return told
}

function addAnswer(ledger: Ledger, key: Omit<LedgerKey, 'currency'>, answer: HeadlineAnswer): void {
  const { currency, figures, otherCurrencies } = answer
  ledger.add({ ...key, currency }, { amountE4: sumText(figures.revenue), orders: figures.orders })
  for (const other of otherCurrencies)
    ledger.add({ ...key, currency: other.currency }, { amountE4: sumText(other.revenue), orders: 0 })
}
