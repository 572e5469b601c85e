import { formatExactMoney, formatQuantity } from '../format/format-number.ts'

/** Which figures stand behind a tile, by the names of /api/v1/proof; none behind one that is not known. */
export type Provable = 'revenue' | 'sales' | 'refunds' | 'orders' | 'units' | 'customers'

/** Average ticket is sales per order: both of them. */
const FIGURES: Readonly<Record<string, readonly Provable[]>> = {
  hero: ['revenue'],
  orders: ['orders'],
  ticket: ['sales', 'orders'],
  customers: ['customers'],
  units: ['units'],
  refunds: ['refunds'],
}

export const figuresOf = (tile: string): readonly Provable[] => FIGURES[tile] ?? []
export const isProvable = (tile: string): boolean => figuresOf(tile).length > 0

/** What the api answers. */
export interface ProofAnswer {
  figure: Provable
  day: string
  axis: string
  currency: string
  definition: string
  fromViews: string
  fromBase: string
  difference: string
  steady: boolean
  sql: string
  baseSql: string
  offsets: { partition: number; last: number }[]
  sources: { source: string; completeTo: string | null }[]
  at: string
}

export type Verdict = 'exact' | 'moving' | 'apart'

const MONEY: ReadonlySet<Provable> = new Set(['revenue', 'sales', 'refunds'])

/** With all the decimals that it has: a proof rounds nothing. */
export const formatExact = (value: string, figure: Provable, currency: string): string =>
  MONEY.has(figure) ? formatExactMoney(value, currency) : formatQuantity(value)

/** Two readings with a batch between them differ without a fault. */
export function verdictOf({ difference, steady }: Pick<ProofAnswer, 'difference' | 'steady'>): Verdict {
  if (/^-?[0.]*$/.test(difference)) return 'exact'
  return steady ? 'apart' : 'moving'
}

/** A dialog keeps its keys. */
const isDialogOpen = () => document.querySelector('dialog[open]') !== null

/** Of the tile that has the focus, or of the hero; null under a dialog. */
export function tileInFocus(): string | null {
  if (isDialogOpen()) return null
  const tile = document.activeElement?.closest<HTMLElement>('[data-tile]')?.dataset.tile
  return tile !== undefined && isProvable(tile) ? tile : 'hero'
}

const ARROWS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** Moves the focus to the next tile in reading order, round and round; false where it is no arrow. */
export function moveFocus(key: string): boolean {
  const step = ARROWS[key]
  if (step === undefined || isDialogOpen()) return false
  const tiles = [...document.querySelectorAll<HTMLElement>('[data-tile] [data-prove]')]
  if (tiles.length === 0) return false
  const at = tiles.indexOf(document.activeElement as HTMLElement)
  const next = at < 0 ? (step > 0 ? 0 : tiles.length - 1) : (at + step + tiles.length) % tiles.length
  tiles[next]!.focus()
  return true
}
