import { expect, it } from 'vitest'
import { type DaysAnswer, dayTable, segmentLines } from './segment-days.ts'

const stood = (day: string, segment: string, customers: number) => ({
  ...{ day: `2011-11-${day}`, segment, customers, revenue: `${customers * 10}.5` },
})
const ANSWER: DaysAnswer = {
  ...{
    from: '2011-11-01',
    to: '2011-11-05',
    currency: 'GBP',
    mode: 'default',
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

it('draws all segments to one scale, with a gap where a day is not known', () => {
  const lines = segmentLines(ANSWER, 'customers')
  expect(lines.map(({ segment, path }) => [segment, path])).toEqual([
    ['champions', 'M0.0 40.0h0L50.0 0.0'],
    ['lost', 'M0.0 0.0h0L50.0 20.0M150.0 40.0h0L200.0 0.0'],
    ['former', 'M200.0 20.0h0'],
  ])
  expect(lines[1]).toMatchObject({ first: { day: '2011-11-01' }, last: { day: '2011-11-05', customers: 10 } })
})

it('draws what is below zero below it, and a single day in the middle', () => {
  const day = (segment: string, revenue: string) => ({ ...stood('01', segment, 1), revenue })
  const days = [day('champions', '30'), day('lost', '-10')]
  const lines = segmentLines({ ...ANSWER, to: ANSWER.from, days }, 'revenue')
  expect(lines.map(({ path }) => path)).toEqual(['M100.0 0.0h0', 'M100.0 40.0h0'])
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
