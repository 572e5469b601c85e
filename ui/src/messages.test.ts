import { afterEach, expect, it } from 'vitest'
import { PROVABLE_NAMES } from '../../clickhouse/queries/prove-figure.ts'
import { PROVED_CLAIMS } from '../../core/contracts/panels.ts'
import { SAYINGS } from '../../core/contracts/sayings.ts'
import { formatCompact, formatExactMoney, formatMoney, moneyFigure } from './format/format-number.ts'
import { formatDate, formatWeekday } from './format/format-time.ts'
import { english, messages, setMessages } from './messages.ts'
import { portuguese } from './messages-pt.ts'

afterEach(() => setMessages('en'))

/** "header.live" and so on; what the server says is English by itself. */
function keysOf(texts: object, above = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) => {
    const path = `${above}${key}`
    if (path === 'server') return []
    return typeof value === 'object' ? keysOf(value, `${path}.`) : [`${path}: ${typeof value}`]
  })
}

it('has every text in both languages', () => {
  expect(keysOf(portuguese)).toEqual(keysOf(english))
  expect(keysOf(english).length).toBeGreaterThan(120)
  expect(Object.keys(portuguese.server.definitions)).toEqual(
    expect.arrayContaining([...PROVABLE_NAMES, ...PROVED_CLAIMS]),
  )
  expect(Object.keys(portuguese.server.told)).toEqual(expect.arrayContaining(Object.keys(SAYINGS)))
})

it('formats in the language that was set last, without a float', () => {
  const huge = '90071992547409931.2350'
  expect(formatMoney(huge, 'GBP')).toBe('90,071,992,547,409,931.24')
  setMessages('pt-BR')
  expect(messages.hero.last('sábado')).toBe('sábado passado')
  expect(messages.hero.last(formatWeekday('2011-11-10', 'long'))).toBe('quinta passada')
  expect(formatMoney(huge, 'GBP')).toBe('90.071.992.547.409.931,24')
  expect(formatExactMoney('9747747.934', 'BRL')).toBe('9.747.747,934')
  expect(moneyFigure('-39426.18', 'BRL')).toEqual({ whole: '−39.426', fraction: ',18' })
  expect(formatCompact(20_000)).toBe('20\u00a0mil')
  expect(formatWeekday('2011-11-10', 'long')).toBe('quinta-feira')
  expect(formatDate('2011-11-17T14:32:00Z', 'Europe/London', 2026)).toBe('qui. 17 de novembro de 2011')
})
