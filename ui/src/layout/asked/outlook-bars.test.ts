import { expect, it } from 'vitest'
import { outlookBars } from './outlook-bars.ts'

const point = (day: string, value: string, low80: string, high80: string) => ({
  ...{ day, value, low80, high80, low95: low80, high95: high80 },
})
const forecastOf = (points: ReturnType<typeof point>[]) =>
  ({ points }) as Parameters<typeof outlookBars>[0]['forecast']

it('shows the days behind the wall’s, each with its band, which does not end below nothing', () => {
  const points = [
    point('2011-11-17', '900', '700', '1100'),
    point('2011-11-18', '1200.4', '-100', '2500'),
    point('2011-11-19', '600.2', '400', '800'),
  ]
  expect(outlookBars({ forecast: forecastOf(points) }, '2011-11-17')).toEqual(
    [
      { key: '2011-11-18', name: 'Fri 18 Nov', raw: '1200.4', value: '1,200 (0 to 2,500)', share: 1 },
      { ...{ key: '2011-11-19', name: 'Sat 19 Nov', raw: '600.2' }, value: '600 (400 to 800)', share: 0.5 },
    ].map((row) => ({ ...row, share: expect.closeTo(row.share, 3) })),
  )
})

it('shows nothing where there is no forecast, where the day is not known, and where it ends before', () => {
  const forecast = forecastOf([point('2011-11-17', '900', '700', '1100')])
  expect(outlookBars({ forecast: null }, '2011-11-17')).toEqual([])
  expect(outlookBars({ forecast }, null)).toEqual([])
  expect(outlookBars({ forecast }, '2011-11-17')).toEqual([])
})
