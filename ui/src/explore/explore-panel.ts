/** What is explored, as it stands in the page's address: `?panel=explore&range=28d&by=region&country=Norway`. */
export const SIDES = ['source', 'channel', 'country', 'region', 'state', 'rep'] as const
export type Side = (typeof SIDES)[number]
export const FILTERS = [...SIDES, 'customer'] as const
export type Filter = (typeof FILTERS)[number]

/** Ranges that move on with the days. */
export const RANGES = ['today', 'yesterday', '7d', '28d', 'month', 'last-month', '365d'] as const
export type NamedRange = (typeof RANGES)[number]
/** Local days, both included. */
export type Days = { from: string; to: string }

export interface Exploration {
  range: NamedRange | Days
  by: Side
  /** Null: the tenant's. */
  currency: string | null
  /** An empty value: what was not told. */
  filters: Partial<Record<Filter, string>>
}

/** What the api takes at once. */
export const MAX_DAYS = 400
const DAY_MS = 86_400_000
const DAY = /^20\d\d-\d\d-\d\d$/

export function readExploration(search: string): Exploration {
  const query = new URLSearchParams(search)
  const by = SIDES.find((side) => side === query.get('by')) ?? 'country'
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (query.has(name) ? [[name, query.get(name)!]] : [])),
  )
  return { range: readRange(query.get('range')), by, currency: query.get('currency') || null, filters }
}

/** As parameters of the address; null: is not to stand there. */
export function writeExploration({
  range,
  by,
  currency,
  filters,
}: Exploration): Record<string, string | null> {
  return {
    range: typeof range === 'string' ? range : `${range.from}..${range.to}`,
    by,
    currency,
    ...Object.fromEntries(FILTERS.map((name) => [name, filters[name] ?? null])),
  }
}

/** Nothing of it stands in the address. */
export const NO_EXPLORATION: Record<string, null> = Object.fromEntries(
  ['range', 'by', 'currency', ...FILTERS].map((name) => [name, null]),
)

export function daysOf(range: Exploration['range'], today: string): Days {
  if (typeof range !== 'string') return range
  const back = (days: number) => addDays(today, -days)
  const monthStart = `${today.slice(0, 8)}01`
  switch (range) {
    case 'today':
      return { from: today, to: today }
    case 'yesterday':
      return { from: back(1), to: back(1) }
    case '7d':
      return { from: back(6), to: today }
    case '28d':
      return { from: back(27), to: today }
    case '365d':
      return { from: back(364), to: today }
    case 'month':
      return { from: monthStart, to: today }
    case 'last-month': {
      const to = addDays(monthStart, -1)
      return { from: `${to.slice(0, 8)}01`, to }
    }
  }
}

/** Days that were typed: in their order, and no more of them than can be asked for. */
export function typedDays(from: string, to: string): Days | null {
  if (!isDay(from) || !isDay(to)) return null
  const [first, last] = from <= to ? [from, to] : [to, from]
  const earliest = addDays(last, 1 - MAX_DAYS)
  return { from: first < earliest ? earliest : first, to: last }
}

/** Every day of the range, whether anything was sold on it or not. */
export function everyDay({ from, to }: Days): string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1
  return Array.from({ length: Math.max(0, count) }, (_, at) => addDays(from, at))
}

export function questionOf(
  { by, currency, filters, range }: Exploration,
  { axis, today }: { axis: string; today: string },
): string {
  const { from, to } = daysOf(range, today)
  const query = new URLSearchParams({ from, to, axis, by, ...filters })
  if (currency !== null) query.set('currency', currency)
  return query.toString()
}

function readRange(text: string | null): Exploration['range'] {
  const named = RANGES.find((name) => name === text)
  if (named !== undefined) return named
  const [from = '', to = ''] = (text ?? '').split('..')
  return typedDays(from, to) ?? '28d'
}

const isDay = (day: string) => DAY.test(day) && !Number.isNaN(Date.parse(day))

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10)
}
