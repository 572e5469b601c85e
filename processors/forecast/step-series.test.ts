import { expect, it } from 'vitest'
import { parseDay } from '../../core/runtime/local-time.ts'
import { type SplitFigures, seriesIn, spanOf, stepsIn } from './step-series.ts'

/** A Wednesday, and a Tuesday seven weeks on. */
const FIRST = parseDay('2024-01-03')
const LAST = parseDay('2024-02-20')
const COUNT = LAST - FIRST + 1

function figures(key: string, of: (day: number) => Partial<Record<'revenue' | 'sales' | 'orders', number>>) {
  const values = (name: 'revenue' | 'sales' | 'orders') =>
    Float64Array.from({ length: COUNT }, (_, day) => of(day)[name] ?? 0)
  const dimension = key === '' ? ('all' as const) : ('country' as const)
  const split: SplitFigures = {
    ...{ dimension, key, revenue: values('revenue') },
    ...{ sales: values('sales'), orders: values('orders') },
  }
  return split
}

it('takes whole weeks from Monday to Sunday alone', () => {
  expect(spanOf('day', FIRST, LAST)).toEqual({ step: 'day', firstDay: FIRST, cutOff: LAST })
  const weeks = spanOf('week', FIRST, LAST)
  expect(weeks).toEqual({ step: 'week', firstDay: parseDay('2024-01-08'), cutOff: parseDay('2024-02-18') })
  expect(stepsIn(weeks)).toBe(6)
  // From a Monday to a Sunday nothing is left out; of four days nothing is left.
  expect(stepsIn(spanOf('week', parseDay('2024-01-08'), parseDay('2024-01-14')))).toBe(1)
  expect(stepsIn(spanOf('week', parseDay('2024-01-02'), parseDay('2024-01-05')))).toBe(0)
})

it('adds a week up, its ticket too, which is no mean of days', () => {
  const all = figures('', (day) => ({
    revenue: 1,
    sales: day % 7 === 5 ? 90 : 10,
    orders: day % 7 === 5 ? 9 : 5,
  }))
  const span = spanOf('week', FIRST, LAST)
  const [group] = seriesIn(span, [[all]], FIRST)
  const values = Object.fromEntries(group!.map((one) => [one.series, [...one.values]]))
  expect(values).toEqual({
    revenue: Array(6).fill(7),
    orders: Array(6).fill(39),
    ticket: Array(6).fill(150 / 39),
  })
})

it('has no ticket where there were no orders, and no series of what began too late', () => {
  const late = figures('late', (day) => (day >= COUNT - 15 ? { revenue: 5, sales: 5, orders: 1 } : {}))
  const rare = figures('rare', (day) => (day % 14 === 0 ? { revenue: 6, sales: 8, orders: 2 } : {}))
  const days = seriesIn(spanOf('day', FIRST, LAST), [[late, rare]], FIRST)
  expect(days.map((group) => group.map(({ series, key }) => `${series} ${key}`))).toEqual([
    ['revenue late', 'revenue rare'],
    ['orders late', 'orders rare'],
    ['ticket late', 'ticket rare'],
  ])
  expect([...days[2]![1]!.values].slice(0, 3)).toEqual([4, Number.NaN, Number.NaN])
  const weeks = seriesIn(spanOf('week', FIRST, LAST), [[late, rare]], FIRST)
  expect(weeks.map((group) => group.map(({ series, key }) => `${series} ${key}`))).toEqual([
    ['revenue rare'],
    ['orders rare'],
    ['ticket rare'],
  ])
})
