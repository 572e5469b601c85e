/** Figures as people read them. `Intl` takes decimal strings whole, so nothing here passes through a float. */
import { LOCALE } from '../messages.ts'

/** A figure in two sizes: `whole` large, `fraction` (with its point) small and soft, or empty. */
export type Figure = { whole: string; fraction: string }

const cached = new Map<string, Intl.NumberFormat>()

/** One formatter per language and set of options; there are about ten in the whole page. */
function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = LOCALE + JSON.stringify(options)
  const known = cached.get(key)
  if (known) return known
  const made = new Intl.NumberFormat(LOCALE, { signDisplay: 'negative', ...options })
  cached.set(key, made)
  return made
}

/** How many decimals the currency has: 2 for GBP, 0 for JPY; 2 for a code that Intl refuses. */
function currencyDigits(currency: string): number {
  try {
    return formatter({ style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    // Not a well-formed code ("" before the first order); two decimals are what most money has.
    return 2
  }
}

/** "39426.1800", GBP → 39,426 and .18; rounded half away from zero. The raw string stays in `data-value`. */
export function moneyFigure(amount: string, currency: string): Figure {
  const digits = currencyDigits(currency)
  const parts = formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits }).formatToParts(
    amount as `${number}`,
  )
  const at = parts.findIndex((part) => part.type === 'decimal')
  const join = (some: Intl.NumberFormatPart[]) => properMinus(some.map((part) => part.value).join(''))
  if (at < 0) return { whole: join(parts), fraction: '' }
  return { whole: join(parts.slice(0, at)), fraction: join(parts.slice(at)) }
}

export function formatMoney(amount: string, currency: string): string {
  const { whole, fraction } = moneyFigure(amount, currency)
  return whole + fraction
}

/** Money's smallest part, as the api has it. */
const MONEY_DECIMALS = 4

/** As many decimals as it has, and at least those of the currency: "9747747.934", GBP → 9,747,747.934. */
export function formatExactMoney(amount: string, currency: string): string {
  const options = { minimumFractionDigits: currencyDigits(currency), maximumFractionDigits: MONEY_DECIMALS }
  return properMinus(formatter(options).format(amount as `${number}`))
}

/** Rounded to whole units, for bars and counts. */
export function formatWhole(amount: string | number): string {
  return properMinus(formatter({ maximumFractionDigits: 0 }).format(amount as `${number}`))
}

/** A quantity: as many decimals as it has, at most four. */
export function formatQuantity(amount: string): string {
  return properMinus(formatter({ maximumFractionDigits: 4 }).format(amount as `${number}`))
}

/** Beyond this a percentage says no more than "far more", and would push its neighbours away. */
const MAX_PER_MILLE = 9_990n

/** Thousandths as a percentage: 43 → "4.3 %"; from ten percent on whole ones, and never above "> 999 %". */
export function formatPerMille(thousandths: bigint): string {
  if (thousandths > MAX_PER_MILLE) return '> 999 %'
  const digits = thousandths < 100n ? 1 : 0
  const percent = `${thousandths / 10n}.${thousandths % 10n}` as `${number}`
  return `${formatter({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(percent)} %`
}

/** For axis labels only: 20000 → "20k". */
export function formatCompact(value: number): string {
  return smallK(formatter({ notation: 'compact', maximumFractionDigits: 1 }).format(value))
}

/** An estimate, no more exact than it is known: "61234.56" → "61.2k". */
export function formatEstimate(amount: string): string {
  return smallK(formatter({ notation: 'compact', maximumSignificantDigits: 3 }).format(amount as `${number}`))
}

const smallK = (text: string): string => properMinus(text).replace('K', 'k')

const properMinus = (text: string): string => text.replace('-', '−')
