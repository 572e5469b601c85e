import type { Tiles } from '../../../core/contracts/tiles.ts'
import { formatWhole } from '../format/format-number.ts'
import { sentenceCase } from '../format/sentence-case.ts'

/** `share` is the bar's length, 0 … 1, of the longest; `raw` the exact decimal. */
export type BarRow = { key: string; name: string; value: string; raw: string; share: number }

/** As many as fit at 1080p; what the server sends beyond them is not drawn. */
export const MAX_ROWS = 5

export function productBars(products: Tiles['products'] | undefined): BarRow[] {
  return toRows(
    (products ?? []).map(({ sku, name, revenue }) => ({
      key: sku,
      name: sentenceCase(name || sku),
      revenue,
    })),
  )
}

export function countryBars(countries: Tiles['countries'] | undefined): BarRow[] {
  return toRows(
    (countries ?? []).map(({ country, revenue }) => ({ key: country, name: country || '—', revenue })),
  )
}

/** Of what is the largest first. */
export function toRows(items: { key: string; name: string; revenue: string }[]): BarRow[] {
  const shown = items.slice(0, MAX_ROWS)
  // Floats are right for the length of a bar; the figure beside it comes from the string.
  const longest = Math.max(0, ...shown.map((item) => Number(item.revenue)))
  return shown.map(({ key, name, revenue }) => ({
    key,
    name,
    value: formatWhole(revenue),
    raw: revenue,
    share: longest > 0 ? Math.max(0, Number(revenue) / longest) : 0,
  }))
}
