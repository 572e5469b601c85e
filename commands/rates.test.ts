import { expect, test } from 'vitest'
import { parseRates } from './rates.ts'

const HEAD = 'day,base,quote,rate,provider'

test('reads a file as banks and spreadsheets write it', () => {
  const text = `\uFEFF${HEAD}\r\n2024-03-01,EUR,GBP,0.8561,ECB\r\n2024-03-04, EUR ,GBP,0.85515,ECB\r\n\r\n`
  expect(parseRates(text, 'acme')).toEqual([
    {
      type: 'rate',
      schemaVersion: 1,
      tenant: 'acme',
      day: '2024-03-01',
      base: 'EUR',
      quote: 'GBP',
      rate: '0.8561',
      provider: 'ECB',
    },
    {
      type: 'rate',
      schemaVersion: 1,
      tenant: 'acme',
      day: '2024-03-04',
      base: 'EUR',
      quote: 'GBP',
      rate: '0.85515',
      provider: 'ECB',
    },
  ])
})

test.each([
  ['another head', 'day,rate\n', /first line must be day,base/],
  ['a day that is none', `${HEAD}\n2024-02-30,EUR,GBP,1,ECB`, /line 2: day: /],
  ['a comma for a point', `${HEAD}\n2024-03-01,EUR,GBP,0,8561,ECB`, /line 2: provider: /],
  ['an exponent', `${HEAD}\n\n2024-03-01,EUR,GBP,1e3,ECB`, /line 3: rate: /],
  ['a negative rate', `${HEAD}\n2024-03-01,EUR,GBP,-1,ECB`, /rate: /],
  ['too few fields', `${HEAD}\n2024-03-01,EUR`, /line 2: quote: .*; rate: .*; provider: /],
])('refuses %s, and says where', (_what, text, why) => {
  expect(() => parseRates(text, 'acme')).toThrow(why)
})
