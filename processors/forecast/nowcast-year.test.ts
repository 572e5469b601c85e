/** The nowcast on days that were: the last six weeks of Online Retail, before Christmas, in which every week sold more. */
import { expect, it } from 'vitest'
import { scoreNowcasts } from '../../bench/analytics/nowcast-year.ts'

it('knows better than the week before where a day ends, and its bands hold', () => {
  const scores = scoreNowcasts('2011-10-31')
  for (const { series, hour, days, ...score } of scores) {
    const said = Object.entries(score).map(([name, value]) => `${name} ${value.toFixed(3)}`)
    console.log(`${series} at ${hour}: ${days} days, ${said.join(', ')}`)
  }
  const of = (series: string) => scores.filter((score) => score.series === series)
  for (const { hour, days, wape, wapeLastWeek, wapeForecast, coverage80, usual80 } of of('revenue')) {
    expect(days).toBe(34)
    expect(wape).toBeLessThan(wapeLastWeek)
    // At ten, with a tenth of the day's revenue in, the forecast alone is as good.
    if (hour >= 12) expect(wape).toBeLessThan(wapeForecast)
    expect(coverage80).toBeGreaterThanOrEqual(0.7)
    expect(coverage80).toBeLessThanOrEqual(0.95)
    expect(usual80).toBeGreaterThanOrEqual(0.7)
  }
  for (const { hour, wape, wapeLastWeek, wapeForecast, coverage80, usual80 } of of('orders')) {
    // Until the day is well under way a count is known no better than by the week before.
    if (hour >= 12) expect(wape).toBeLessThan(Math.min(wapeLastWeek, wapeForecast))
    expect(coverage80).toBeGreaterThanOrEqual(0.7)
    expect(usual80).toBeGreaterThanOrEqual(0.7)
  }
  // The later the hour, the better it is known.
  for (const series of ['revenue', 'orders']) {
    const wapes = of(series).map(({ wape }) => wape)
    expect(wapes.toSorted((a, b) => b - a)).toEqual(wapes)
    expect(wapes.at(-1)).toBeLessThan(0.03)
  }
})
