import { expect, it } from 'vitest'
import { areaPath, type DaysAnswer, dayTable, stackSegments } from './segment-days.ts'

const stood = (day: string, segment: string, customers: number) => ({
  ...{ day: `2011-11-${day}`, segment, customers, revenue: `${customers * 10}.5` },
})
const ANSWER: DaysAnswer = {
  ...{
    from: '2011-11-01',
    to: '2011-11-05',
    currency: 'GBP',
    mode: 'default',
    live: 'default',
    version: null,
    sql: '',
    absence: null,
  },
  labels: ['champions', 'lost'].map((id) => ({ id, en: id, pt: id })),
  // Of the 3rd nothing is known.
  days: [
    ...[stood('01', 'lost', 10), stood('02', 'lost', 5), stood('04', 'lost', 0), stood('05', 'lost', 10)],
    ...[stood('01', 'champions', 0), stood('02', 'champions', 10)],
    stood('05', 'former', 5),
  ],
}

it('stacks the segments in their order, the first on top, with a gap where a day is not known', () => {
  const { areas, high, low } = stackSegments(ANSWER, 'customers')
  expect([high, low]).toEqual([15, 0])
  expect(areas.map(({ segment }) => segment)).toEqual(['champions', 'lost', 'former'])
  const [champions, lost, former] = areas
  expect(lost).toMatchObject({ first: { day: '2011-11-01' }, last: { day: '2011-11-05', customers: 10 } })
  const rounded = (area: typeof lost) =>
    area!.runs.map((run) =>
      run.map(({ x, top, bottom }) => [x, top, bottom].map((share) => Math.round(share * 15))),
    )
  // Days are three wide; on the last one the former stands below the lost.
  expect(rounded(lost)).toEqual([
    [
      [0, 5, 15],
      [2, 5, 15],
      [5, 10, 15],
      [6, 10, 15],
    ],
    [
      [9, 15, 15],
      [11, 15, 15],
      [14, 0, 10],
      [15, 0, 10],
    ],
  ])
  expect(rounded(champions)[0]!.at(-1)).toEqual([6, 0, 10])
  expect(rounded(former)[1]!.at(-1)).toEqual([15, 10, 15])
  // Each begins where the one above it ends.
  for (const [run, edges] of champions!.runs.entries())
    for (const [at, { bottom }] of edges.entries()) expect(lost!.runs[run]![at]!.top).toBe(bottom)
})

it('hangs what is below zero below it, and shows a single day as wide as it is', () => {
  const day = (segment: string, revenue: string) => ({ ...stood('01', segment, 1), revenue })
  const days = [day('champions', '30'), day('lost', '-10')]
  const { areas, high, low } = stackSegments({ ...ANSWER, to: ANSWER.from, days }, 'revenue')
  expect([high, low]).toEqual([30, -10])
  expect(areas.map((area) => areaPath(area, 200, 40))).toEqual([
    'M0.0 0.0L100.0 0.0L200.0 0.0L200.0 30.0L100.0 30.0L0.0 30.0Z',
    'M0.0 30.0L100.0 30.0L200.0 30.0L200.0 40.0L100.0 40.0L0.0 40.0Z',
  ])
})

it('tells all days, the newest first', () => {
  const { segments, rows } = dayTable(ANSWER)
  expect(segments).toEqual(['champions', 'lost', 'former'])
  expect(
    rows.map(({ day, cells }) => [day.slice(8), ...cells.map((cell) => cell?.customers ?? null)]),
  ).toEqual([
    ['05', null, 10, 5],
    ['04', null, 0, null],
    ['02', 10, 5, null],
    ['01', 0, 10, null],
  ])
})
