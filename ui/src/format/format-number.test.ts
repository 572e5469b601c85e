import { expect, test } from 'vitest'
import { compareFigures } from './compare-figures.ts'
import { fromE4, negate, toE4 } from './decimal.ts'
import { figureWidthEm } from './figure-width.ts'
import {
  formatCompact,
  formatEstimate,
  formatExactMoney,
  formatMoney,
  formatQuantity,
  formatWhole,
  moneyFigure,
} from './format-number.ts'

test('shows money to the cent beyond what a float can hold', () => {
  expect(formatMoney('90071992547409931.2350', 'GBP')).toBe('90,071,992,547,409,931.24')
  expect(formatMoney('9747747.934', 'GBP')).toBe('9,747,747.93')
  expect(formatMoney('-773.1', 'GBP')).toBe('−773.10')
  expect(formatMoney('-0.001', 'GBP')).toBe('0.00')
  expect(moneyFigure('39426.1800', 'GBP')).toEqual({ whole: '39,426', fraction: '.18' })
  expect(moneyFigure('39426.18', 'JPY')).toEqual({ whole: '39,426', fraction: '' })
  expect(formatMoney('1', '')).toBe('1.00')
})

test('shows exact money with every decimal that it has', () => {
  expect(formatExactMoney('9747747.934', 'GBP')).toBe('9,747,747.934')
  expect(formatExactMoney('-0.0001', 'GBP')).toBe('−0.0001')
  expect(formatExactMoney('100.5', 'GBP')).toBe('100.50')
  expect(formatExactMoney('0', 'JPY')).toBe('0')
})

test('counts, quantities and axis labels', () => {
  expect(formatWhole('1125.50')).toBe('1,126')
  expect(formatQuantity('18204.2500')).toBe('18,204.25')
  expect(formatCompact(20_000)).toBe('20k')
  expect(['61234.56', '9747747.9', '-312.456', '0'].map(formatEstimate)).toEqual([
    '61.2k',
    '9.75m',
    '−312',
    '0',
  ])
})

test('decimal strings survive the way to bigint and back', () => {
  expect(toE4('-12.5')).toBe(-125_000n)
  expect(fromE4(-125_000n)).toBe('-12.5000')
  expect(negate('0')).toBe('0.0000')
})

test('compares by polarity, and by difference where a share means nothing', () => {
  const percent = { as: 'percent' } as const
  expect(compareFigures('39426.18', '41197.70', percent)).toEqual({
    direction: 'down',
    good: false,
    size: '4.3 %',
    word: 'less',
  })
  expect(compareFigures('112', '100', { ...percent, polarity: 'less is good' })).toMatchObject({
    direction: 'up',
    good: false,
    size: '12 %',
  })
  expect(compareFigures(76, 72, { as: 'difference' })).toMatchObject({ good: true, size: '4' })
  expect(compareFigures('5', '0', percent)?.size).toBe('5')
  expect(compareFigures('5000', '1', percent)?.size).toBe('> 999 %')
  expect(compareFigures('5', '5.0000', percent)?.direction).toBe('same')
  expect(compareFigures('5', null, percent)).toBeNull()
})

test('a longer number is wider, cents by their own scale', () => {
  const five = figureWidthEm(moneyFigure('39426.18', 'GBP'), 0.4)
  expect(figureWidthEm(moneyFigure('1239426.18', 'GBP'), 0.4)).toBeGreaterThan(five)
  expect(figureWidthEm(moneyFigure('39426.18', 'JPY'), 0.4)).toBeLessThan(five)
})
