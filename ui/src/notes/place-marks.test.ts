import { expect, test } from 'vitest'
import { type ChartNote, placeMarks } from './place-marks.ts'

const note = (fromMinute: number, untilMinute: number | null = null): ChartNote => ({
  ...{ id: String(fromMinute), kind: 'deploy', at: '', until: null, text: 'x', by: 'ana' },
  ...{ fromMinute, untilMinute },
})
const marks = (notes: ChartNote[]) =>
  placeMarks(notes, [480, 1_080], 0.2).map(({ at, until, row }) => [at, until, row])

test('a mark stands at its minute, a span from where the chart begins to where it ends', () => {
  expect(marks([note(780), note(480, 1_080), note(0, 1_440)])).toEqual([
    [0, 1, 0],
    [0, 1, 1],
    [0.5, null, 0],
  ])
})

test('what is not within what the chart shows has no mark', () => {
  expect(marks([note(479), note(1_081), note(0, 479)])).toEqual([])
})

test('labels never cover each other: the second has its own row, the third only its line', () => {
  expect(marks([note(600), note(630), note(660), note(720)])).toEqual([
    [0.2, null, 0],
    [0.25, null, 1],
    [0.3, null, null],
    [0.4, null, 0],
  ])
  // At the right edge they go back over the chart.
  expect(marks([note(930), note(1_080)]).map(([, , row]) => row)).toEqual([0, 1])
})
