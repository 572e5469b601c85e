import { expect, test } from 'vitest'
import { busyRange, chartColumns } from './chart-columns.ts'

const chart = { stepMinutes: 5, today: ['1', '3'], yesterday: ['0', '2', '2', '6'], lastWeek: [] }

test('today ends at now with the hero’s own figure', () => {
  const columns = chartColumns(chart, 12, '4.50')
  expect(columns.minutes).toEqual([0, 5, 10, 12, 15, 20])
  expect(columns.today).toEqual([0, 1, 3, 4.5, null, null])
  expect(columns.yesterday).toEqual([0, 0, 2, null, 2, 6])
  expect(columns.lastWeek).toEqual([null, null, null, null, null, null])
})

test('a step that has not ended yet is cut at now', () => {
  expect(chartColumns({ ...chart, today: ['1', '3', '4.5'] }, 12, '4.5').today).toEqual([
    0,
    1,
    3,
    4.5,
    null,
    null,
  ])
})

test('shows the hours in which something happened, and the whole day when nothing did', () => {
  const hours = (from: number, to: number) =>
    Array.from({ length: 288 }, (_, step) =>
      String(Math.min(Math.max(step * 5 - from * 60, 0), (to - from) * 60)),
    )
  const busy = chartColumns({ ...chart, today: [], yesterday: hours(8, 18) }, 600, '0')
  expect(busyRange(busy, 600)).toEqual([420, 1_200])
  const none = chartColumns({ stepMinutes: 5, today: [], yesterday: [], lastWeek: [] }, 600, '0')
  expect(busyRange(none, 600)).toEqual([0, 1_440])
})
