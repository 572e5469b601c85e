import { expect, test } from 'vitest'
import { convertTotals, type DatedRate, type DayAmount } from './convert-totals.ts'

const rate = (base: string, day: string, value: string): DatedRate => ({
  base,
  day,
  rate: value,
  provider: 'ECB',
})
const on = (day: string, currency: string, amount: string): DayAmount => ({ day, currency, amount })

test('each day by its own rate, rounded by day and currency, then added', () => {
  const amounts = [
    on('2024-03-01', 'EUR', '10.0005'),
    on('2024-03-04', 'EUR', '-3'),
    on('2024-03-04', 'USD', '100'),
  ]
  const rates = [
    rate('EUR', '2024-03-01', '0.8561'),
    rate('EUR', '2024-03-04', '0.85515'),
    rate('USD', '2024-03-01', '0.7889'),
  ]
  const { total, complete, currencies, missing } = convertTotals(
    [...amounts, on('2024-03-04', 'GBP', '5.25')],
    rates,
    'GBP',
  )
  // 10.0005 × 0.8561 = 8.56142805; −3 × 0.85515 = −2.56545, half-even −2.5654; 100 × 0.7889 = 78.89.
  expect(currencies.map(({ currency, amount, converted }) => [currency, amount, converted])).toEqual([
    ['EUR', '7.0005', '5.996'],
    ['USD', '100.00', '78.89'],
    ['GBP', '5.25', '5.25'],
  ])
  expect(currencies[0]!.days).toEqual([
    {
      day: '2024-03-01',
      amount: '10.0005',
      rate: { rate: '0.8561', day: '2024-03-01', provider: 'ECB' },
      converted: '8.5614',
    },
    {
      day: '2024-03-04',
      amount: '-3',
      rate: { rate: '0.85515', day: '2024-03-04', provider: 'ECB' },
      converted: '-2.5654',
    },
  ])
  expect({ total, complete, missing }).toEqual({ total: '90.136', complete: true, missing: [] })
})

test.each([
  // Half of an even and of an odd ten-thousandth, either sign.
  ['0.0001', '0.5', '0.00'],
  ['0.0003', '0.5', '0.0002'],
  ['-0.0001', '0.5', '0.00'],
  ['-0.0003', '0.5', '-0.0002'],
  ['0.0001', '0.5000000001', '0.0001'],
  // 2^53 + 1 cents and a rate of ten decimals: a float would lose both.
  ['90071992547409.93', '1.0000000001', '90071992556417.1293'],
  ['1', '123456789.0123456789', '123456789.0123'],
])('%s at %s is %s', (amount, value, converted) => {
  const days = convertTotals([on('2024-03-01', 'EUR', amount)], [rate('EUR', '2024-03-01', value)], 'GBP')
  expect(days.total).toBe(converted)
})

test('the rate of a day is the newest at or before it, at most 7 days old', () => {
  const rates = [rate('EUR', '2024-03-08', '3'), rate('EUR', '2024-03-01', '2')]
  const days = ['2024-02-29', '2024-03-01', '2024-03-07', '2024-03-08', '2024-03-15', '2024-03-16']
  const { currencies } = convertTotals(
    days.map((day) => on(day, 'EUR', '1')),
    rates,
    'GBP',
  )
  expect(currencies[0]!.days.map(({ converted }) => converted)).toEqual([
    null,
    '2.00',
    '2.00',
    '3.00',
    '3.00',
    null,
  ])
})

test('what has no rate is listed and is not in the total', () => {
  const amounts = [
    on('2024-03-01', 'EUR', '10'),
    on('2024-03-20', 'EUR', '20'),
    on('2024-03-01', 'USD', '30'),
  ]
  const answer = convertTotals(amounts, [rate('EUR', '2024-03-01', '0.5')], 'GBP')
  expect(answer).toMatchObject({ total: '5.00', complete: false })
  expect(answer.missing).toEqual([on('2024-03-20', 'EUR', '20'), on('2024-03-01', 'USD', '30')])
  expect(answer.currencies).toMatchObject([
    { currency: 'EUR', amount: '30.00', converted: '5.00', complete: false },
    { currency: 'USD', amount: '30.00', converted: null, complete: false },
  ])
})

test('a rate of the other direction, or of another pair, is none', () => {
  const answer = convertTotals([on('2024-03-01', 'EUR', '10')], [rate('GBP', '2024-03-01', '1.17')], 'GBP')
  expect(answer.missing).toHaveLength(1)
})

test('nothing is 0.00 and complete', () => {
  expect(convertTotals([], [], 'GBP')).toEqual({ total: '0.00', complete: true, currencies: [], missing: [] })
})
