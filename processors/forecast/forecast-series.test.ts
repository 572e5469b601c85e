import { Piscina } from 'piscina'
import { expect, it } from 'vitest'
import { programPart } from '../../core/runtime/program.ts'
import { dayNumber, dayText } from './calendar.ts'
import type { ForecastRequest, SeriesInput } from './forecast-request.ts'
import { forecastSeries, MAX_SERIES } from './forecast-series.ts'
import { type ForecastTask, runForecastTask } from './forecast-task.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

const FIRST = '2023-01-02'
const NOISE = 0.06

/** A level, a season before Christmas and noise; `weeks` of them end at the cut-off that `until` gives. */
function shops(count: number, weeks: number, seed = 1): SeriesInput[] {
  const noise = normalFrom(seed)
  return Array.from({ length: count }, (_, k) => ({
    id: `shop ${k}`,
    firstDay: FIRST,
    values: seriesOf(weeks, (i) => expected(k, i) * Math.exp(NOISE * noise())),
  }))
}
const expected = (k: number, week: number) =>
  100 * (k + 1) * (1 + 0.6 * Math.max(0, Math.cos((2 * Math.PI * (week - 50)) / 52)) ** 2)
const until = (weeks: number) => dayText(dayNumber(FIRST) + 7 * weeks - 1)
const weekly = (series: SeriesInput[], weeks: number, more: Partial<ForecastRequest> = {}) =>
  forecastSeries({ series, step: 'week', cutOff: until(weeks), ...more })

it('forecasts two years of weeks with bands, weights and a backtest', () => {
  const forecasts = weekly(shops(12, 112), 112)
  let within = 0
  let missed = 0
  forecasts.forEach(({ id, point, lo80, hi80, lo95, hi95, models, backtest, fallback, firstDay }, k) => {
    expect([id, fallback, firstDay]).toEqual([`shop ${k}`, null, dayText(dayNumber(FIRST) + 7 * 112)])
    expect(models.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
    expect(models.map(({ method }) => method).sort()).toEqual([
      'damped-holt',
      'global-ridge',
      'seasonal-growth',
      'stl-ets',
      'stl-theta',
      'theta',
    ])
    expect(backtest.origins).toBe(12)
    expect(backtest.wape).toBeLessThan(backtest.cubicTrend.wape)
    expect(backtest.maseNaive).toBeLessThan(1.2)
    for (let h = 0; h < 8; h++) {
      missed += Math.abs(point[h]! / expected(k, 112 + h) - 1) / 96
      expect([lo95[h]!, lo80[h]!, point[h]!, hi80[h]!, hi95[h]!]).toEqual(
        [lo95[h]!, lo80[h]!, point[h]!, hi80[h]!, hi95[h]!].sort((a, b) => a - b),
      )
      const truth = expected(k, 112 + h) * Math.exp(NOISE * [1.1, -0.4, 0.3, -1.2, 0.7, -0.2, 0.9, -0.8][h]!)
      if (truth >= lo80[h]! && truth <= hi80[h]!) within += 1
    }
  })
  expect(missed).toBeLessThan(0.06)
  expect(within / 96).toBeGreaterThan(0.6)
  const tested = forecasts.reduce((sum, { backtest }) => sum + backtest.tested, 0)
  const covered = forecasts.reduce((sum, { backtest }) => sum + backtest.tested * backtest.coverage80, 0)
  expect(Math.abs(covered / tested - 0.8)).toBeLessThan(0.12)
})

it('sees nothing behind the cut-off, nor a week that is not over', () => {
  const series = shops(3, 80)
  const short = series.map((one) => ({ ...one, values: one.values.slice(0, 70) }))
  const cutOff = dayText(dayNumber(until(70)) + 6)
  expect(weekly(series, 70, { cutOff })).toEqual(weekly(short, 70))
})

it('says in words why fewer methods had to do', () => {
  const long = shops(4, 120)
  const from = (weeks: number, known: number): SeriesInput => ({
    id: 'new',
    firstDay: dayText(dayNumber(FIRST) + 7 * (weeks - known)),
    values: long[0]!.values.slice(-known),
  })
  const reasonOf = (series: SeriesInput[]) => weekly(series, 120)[0]!.fallback
  expect(reasonOf([from(120, 9)])).toMatch('9 weeks of history, under 13')
  expect(reasonOf([from(120, 30)])).toBe('30 weeks of history, under 60: no season of the year')
  expect(reasonOf([from(120, 30), ...long])).toMatch('that of 4 other series')
  expect(reasonOf([from(120, 60)])).toBeNull()
})

it('lends a young shop the season of the others', () => {
  const weeks = 148
  const long = shops(6, weeks)
  const young = {
    id: 'young',
    firstDay: dayText(dayNumber(FIRST) + 7 * (weeks - 26)),
    values: long[2]!.values.slice(-26),
  }
  const off = (series: SeriesInput[]) => {
    const { point } = weekly(series, weeks)[0]!
    return point.reduce((sum, value, h) => sum + Math.abs(value / expected(2, weeks + h) - 1) / 8, 0)
  }
  expect(off([young, ...long])).toBeLessThan(0.12)
  expect(off([young, ...long])).toBeLessThan(0.7 * off([young]))
})

it.each([
  ['nothing', new Float64Array(0)],
  ['gaps only', new Float64Array(30).fill(Number.NaN)],
  ['zeros', new Float64Array(70)],
  ['one value', Float64Array.of(5)],
  ['a constant', new Float64Array(110).fill(7)],
  ['losses', seriesOf(110, (i) => -50 + (i % 5))],
  ['gaps and zeros', seriesOf(110, (i) => (i % 3 === 0 ? 0 : i % 7 === 0 ? Number.NaN : 10 + i))],
  ['sales that began late', seriesOf(110, (i) => (i < 90 ? 0 : 20))],
])('is finite for %s', (_, values) => {
  const [forecast] = weekly([{ id: 'x', firstDay: FIRST, values }], Math.max(1, values.length))
  const { point, lo80, hi80, lo95, hi95 } = forecast!
  for (const of of [point, lo80, hi80, lo95, hi95]) {
    expect(of).toHaveLength(8)
    expect(of.every(Number.isFinite)).toBe(true)
  }
  const known = [...values].filter(Number.isFinite)
  if (known.length > 0 && known.every((value) => value === known.at(-1)))
    for (const value of [...point, ...lo95, ...hi95]) expect(value).toBeCloseTo(known[0]!, 6)
})

it('never goes below 0 where nothing did, and does where something did', () => {
  const patchy = { id: 'a', firstDay: FIRST, values: seriesOf(70, (i) => ((7 * i) % 11 < 5 ? 0 : 100)) }
  const losing = { id: 'b', firstDay: FIRST, values: seriesOf(70, (i) => 30 - i) }
  const [shop, loss] = weekly([patchy, losing], 70)
  expect(Math.min(...shop!.point, ...shop!.lo95)).toBe(0)
  expect(Math.max(...loss!.point)).toBeLessThan(0)
})

it('knows weekdays, holidays and promotions that are to come', () => {
  const noise = normalFrom(9)
  const start = dayNumber(FIRST)
  const days = 500
  const fair = (day: string) => (dayNumber(day) % 50 === 0 ? 'fair' : null)
  const sale = (day: string) => (dayNumber(day) % 31 === 3 ? 'sale' : null)
  const plain = (i: number) => 200 * [0.7, 0.8, 1, 1, 1.2, 1.6, 0.7][i % 7]!
  const factor = (i: number) => (fair(dayText(start + i)) ? 2 : 1) * (sale(dayText(start + i)) ? 1.5 : 1)
  const values = seriesOf(days, (i) => plain(i) * factor(i) * Math.exp(0.05 * noise()))
  const cutOff = dayText(start + days - 1)
  const series = [{ id: 'a', firstDay: FIRST, values, promotions: sale }]
  const [told] = forecastSeries({ series, step: 'day', cutOff, holidays: fair })
  expect(told!.point).toHaveLength(56)
  const off = (i: number) => Math.abs(told!.point[i - days]! / (plain(i) * factor(i)) - 1)
  const ahead = Array.from({ length: 56 }, (_, h) => days + h)
  const special = ahead.filter((i) => factor(i) > 1)
  expect(special.length).toBeGreaterThan(1)
  expect(Math.max(...special.map(off))).toBeLessThan(0.35)
  expect(ahead.filter((i) => factor(i) === 1).reduce((sum, i) => sum + off(i) / 53, 0)).toBeLessThan(0.07)
})

it('knows on which day of the week a shop is closed, and takes no quiet day of few sales for one', () => {
  const noise = normalFrom(4)
  const week = [0.7, 0.8, 1, 1, 1.2, 0, 0.7]
  const shop = seriesOf(300, (i) => 200 * week[i % 7]! * Math.exp(0.1 * noise()))
  const rare = seriesOf(300, (i) => (i % 7 === 2 && i % 3 === 0 ? 50 : 0))
  const cutOff = dayText(dayNumber(FIRST) + 299)
  const series = [shop, rare].map((values, k) => ({ id: String(k), firstDay: FIRST, values }))
  const [told, seldom] = forecastSeries({ series, step: 'day', cutOff })
  told!.point.forEach((value, h) => {
    const [expected, high] = [200 * week[(300 + h) % 7]!, told!.hi95[h]!]
    if (expected === 0) expect([value, told!.lo95[h], high]).toEqual([0, 0, 0])
    else expect(Math.abs(value / expected - 1)).toBeLessThan(0.15)
  })
  expect(told!.backtest.wape).toBeLessThan(told!.backtest.seasonalNaive.wape)
  expect(Math.min(...seldom!.hi95)).toBeGreaterThan(0)
})

it('is the same each time, and in a thread', async () => {
  const series = shops(2, 64)
  const task: ForecastTask = {
    series: series.map((one) => ({ ...one, promotions: { [until(66)]: 'sale' } })),
    step: 'week',
    cutOff: until(64),
    holidays: { [until(3)]: 'fair', [until(55)]: 'fair', [until(65)]: 'fair' },
  }
  const { file, execArgv } = programPart('processors/forecast/forecast.worker.ts')
  const pool = new Piscina({ filename: file, execArgv, maxThreads: 1 })
  try {
    expect(await pool.run(task)).toEqual(runForecastTask(task))
    expect(runForecastTask(task)).not.toEqual(weekly(series, 64))
  } finally {
    await pool.destroy()
  }
})

it('refuses what it cannot do', () => {
  const [one] = shops(1, 20)
  expect(() => weekly([one!], 20, { horizon: 0 })).toThrow('1 to 366')
  expect(() => weekly([one!], 20, { cutOff: 'today' })).toThrow('YYYY-MM-DD')
  expect(() => weekly(new Array(MAX_SERIES + 1).fill(one), 20)).toThrow('at most 1000')
})
