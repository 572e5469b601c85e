import { describe, expect, test } from 'vitest'
import { busyRange, chartColumns, type Pace } from './chart-columns.ts'

const chart = { stepMinutes: 5, today: ['1', '3'], yesterday: ['0', '2', '2', '6'], lastWeek: [] }

test('today ends at now with the hero’s own figure', () => {
  const columns = chartColumns(chart, 12, '4.50', null)
  expect(columns.minutes).toEqual([0, 5, 10, 12, 15, 20])
  expect(columns.today).toEqual([0, 1, 3, 4.5, null, null])
  expect(columns.yesterday).toEqual([0, 0, 2, null, 2, 6])
  expect(columns.lastWeek).toEqual([null, null, null, null, null, null])
})

test('a step that has not ended yet is cut at now', () => {
  expect(chartColumns({ ...chart, today: ['1', '3', '4.5'] }, 12, '4.5', null).today).toEqual([
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
  const busy = chartColumns({ ...chart, today: [], yesterday: hours(8, 18) }, 600, '0', null)
  expect(busyRange(busy, 600)).toEqual([420, 1_200])
  const none = chartColumns({ stepMinutes: 5, today: [], yesterday: [], lastWeek: [] }, 600, '0', null)
  expect(busyRange(none, 600)).toEqual([0, 1_440])
})

describe('the pace', () => {
  const pace = (end: string | null): Pace => ({
    byNow: { value: '4', low80: '3', high80: '5' },
    end: end === null ? null : { value: end, low80: '8', high80: '12', place: 'within' },
    band: { stepMinutes: 15, value: ['0', '5', '10'], low80: ['0', '4', '8'], high80: ['0', '6', '12'] },
  })

  test('has a band from midnight to the end of the day, without a gap between its quarters of an hour', () => {
    const { minutes, low80, high80 } = chartColumns(chart, 12, '4.50', pace('11'))
    expect(minutes).toEqual([0, 5, 10, 12, 15, 20, 30])
    expect(high80.map((value) => value && Math.round(value * 100) / 100)).toEqual([0, 2, 4, 4.8, 6, 8, 12])
    expect(low80.at(-1)).toBe(8)
  })

  test('goes from the tip to where the day will end, as fast as is usual from here on', () => {
    const { minutes, ahead } = chartColumns(chart, 15, '4', pace('11'))
    expect(ahead[minutes.indexOf(10)]).toBeNull()
    expect(ahead[minutes.indexOf(15)]).toBe(4)
    expect(ahead[minutes.indexOf(20)]).toBeCloseTo(4 + 7 / 3, 9)
    expect(ahead.at(-1)).toBe(11)
  })

  test('draws nothing that is not known', () => {
    expect(chartColumns(chart, 12, '4.50', pace(null)).ahead.every((value) => value === null)).toBe(true)
    const { high80, ahead } = chartColumns(chart, 12, '4.50', null)
    expect([...high80, ...ahead].every((value) => value === null)).toBe(true)
    // Behind the last quarter in which anything usually comes nothing is ahead.
    expect(chartColumns(chart, 30, '4.50', pace('11')).ahead.every((value) => value === null)).toBe(true)
  })
})
