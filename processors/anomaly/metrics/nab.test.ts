/** A series of the world with labels that nobody here made: New York's taxis (test/data/nab), by NAB's rules. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { runWatch, runWindowedGaussian } from '../../../bench/analytics/nab-detectors.ts'
import { parseNabFile } from '../../../bench/analytics/nab-files.ts'
import { type NabRun, scoreAt, scoreNab } from '../../../bench/analytics/nab-score.ts'

const FILE = new URL('../../../test/data/nab/nyc_taxi.csv.gz', import.meta.url)
/** The marathon, Thanksgiving, Christmas, New Year, a snow storm. */
const WINDOWS = [
  ['2014-10-30 15:30:00', '2014-11-03 22:30:00'],
  ['2014-11-25 12:00:00', '2014-11-29 19:00:00'],
  ['2014-12-23 11:30:00', '2014-12-27 18:30:00'],
  ['2014-12-29 21:30:00', '2015-01-03 04:30:00'],
  ['2015-01-24 20:30:00', '2015-01-29 03:30:00'],
] as const

it('finds all five days on which New York took other taxis, early, with few false alarms', () => {
  const file = parseNabFile('nyc_taxi', gunzipSync(readFileSync(FILE)).toString('utf8'), WINDOWS)
  expect(file.values.length).toBe(10_320)
  const ours = scoreNab([runWatch(file)])
  expect(ours.found).toBe(5)
  expect(ours.score).toBeGreaterThan(85)
  expect(ours.falsePositives).toBeLessThan(10)
  expect(scoreNab([runWindowedGaussian(file)]).score).toBeLessThan(ours.score - 30)
})

it('scores by the benchmark’s rules', () => {
  const windows = [{ from: 400, to: 499 }]
  const run = (...rows: number[]): NabRun => {
    const scores = new Float64Array(1_000)
    for (const row of rows) scores[row] = 1
    return { scores, windows }
  }
  const score = (...rows: number[]) => scoreAt([run(...rows)], 1).score
  expect(score()).toBe(0)
  expect(score(400)).toBeCloseTo(100, 9)
  // Only the first detection of a window counts, and an earlier one for more.
  expect(score(410, 450, 490)).toBe(score(410))
  expect(score(410)).toBeGreaterThan(score(450))
  expect(score(499)).toBeGreaterThan(50)
  // Before any window, and far behind one, a false alarm costs 0.11 of the 2 between silence and perfection.
  expect(score(200)).toBeCloseTo(-5.5, 9)
  expect(score(900)).toBeCloseTo(-5.5, 9)
  // Just behind a window it costs next to nothing; in the first 15 % nothing is scored.
  expect(score(501)).toBeGreaterThan(-0.5)
  expect(score(149)).toBe(0)
  expect(scoreNab([run(200, 420)])).toMatchObject({ windows: 1, found: 1, falsePositives: 1 })
})
