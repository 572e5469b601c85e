/** What countries brought, as a picture. Floats are right for how bright a country is; what is said comes from strings. */
import { fromE4, toE4 } from '../../format/decimal.ts'
import { codeOfCountry } from './country-code.ts'
import type { BreakdownAnswer } from './ranked.ts'

export interface WorldShares {
  /** By ISO code: several names may be one country. */
  countries: ReadonlyMap<string, { name: string; revenue: string; share: number }>
  /** What is not on the map, named or not told; null where all is. */
  elsewhere: { names: string[]; revenue: string } | null
}

/** `drawn`: codes that the map has. `share`: 0 … 1, the root of the largest one's part, as revenues differ by powers of ten. */
export function worldShares({ values }: BreakdownAnswer, drawn: ReadonlySet<string>): WorldShares {
  const sums = new Map<string, { name: string; revenueE4: bigint }>()
  const names: string[] = []
  let elsewhereE4 = 0n
  for (const { value, revenue } of values) {
    const code = codeOfCountry(value)
    if (code === undefined || !drawn.has(code)) {
      names.push(value)
      elsewhereE4 += toE4(revenue)
      continue
    }
    const { name = value, revenueE4 = 0n } = sums.get(code) ?? {}
    sums.set(code, { name, revenueE4: revenueE4 + toE4(revenue) })
  }
  const most = Math.max(1, ...[...sums.values()].map(({ revenueE4 }) => Number(revenueE4)))
  const countries = [...sums].map(([code, { name, revenueE4 }]) => {
    const share = Math.sqrt(Math.max(0, Number(revenueE4)) / most)
    return [code, { name, revenue: fromE4(revenueE4), share }] as const
  })
  return {
    countries: new Map(countries),
    elsewhere: names.length === 0 ? null : { names, revenue: fromE4(elsewhereE4) },
  }
}
