import { expect, test } from 'vitest'
import { dayWindow, sameElapsed } from './day-window.ts'

const at = (iso: string) => dayWindow(Date.parse(iso), 'Europe/London')
const iso = (ms: number | undefined) => new Date(ms!).toISOString()

test('compares with yesterday and the same weekday a week ago', () => {
  const window = at('2011-11-17T14:32:30Z')
  expect([window.today.day, window.yesterday.day, window.lastWeek.day]).toEqual([
    '2011-11-17',
    '2011-11-16',
    '2011-11-10',
  ])
  expect(window.elapsedMinutes).toBe(872)
})

test('the running minute of today has its whole counterpart', () => {
  const window = at('2011-11-17T14:32:00Z')
  expect(iso(sameElapsed(window.yesterday, window.elapsedMinutes).beforeMs)).toBe('2011-11-16T14:33:00.000Z')
})

test('elapsed time is not the clock’s where a clock change lies between', () => {
  // 30 October 2011 had 25 hours: at 12:00 thirteen have passed, as by 13:00 summer time the day before.
  const window = at('2011-10-30T12:00:00Z')
  expect(window.elapsedMinutes).toBe(13 * 60)
  expect(iso(sameElapsed(window.yesterday, window.elapsedMinutes).beforeMs)).toBe('2011-10-29T12:01:00.000Z')
})
