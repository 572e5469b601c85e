import { expect, test } from 'vitest'
import { formatAge, formatClock, formatDate, formatMinuteOfDay, formatWeekday } from './format-time.ts'
import { sentenceCase } from './sentence-case.ts'

test('clock and date are the tenant’s, whatever the browser’s zone', () => {
  expect(formatClock('2011-11-17T23:30:00Z', 'America/Sao_Paulo')).toBe('21:30')
  expect(formatClock('2011-11-17T00:05:00Z', 'Europe/London')).toBe('00:05')
  expect(formatDate('2011-11-17T23:30:00Z', 'Asia/Tokyo', 2011)).toBe('Friday 18 November')
  expect(formatDate('2011-11-17T14:32:00Z', 'Europe/London', 2026)).toBe('Thursday 17 November 2011')
})

test('days, minutes of the day and ages', () => {
  expect(formatWeekday('2011-11-10', 'short')).toBe('Thu')
  expect(formatWeekday('', 'long')).toBe('')
  expect(formatMinuteOfDay(872.9)).toBe('14:32')
  expect([-5, 2_400, 720_000, 7_300_000, 2e8].map(formatAge)).toEqual(['0 s', '2 s', '12 min', '2 h', '2 d'])
})

test('only names all in capitals are made small', () => {
  expect(sentenceCase('REGENCY CAKESTAND 3 TIER')).toBe('Regency cakestand 3 tier')
  expect(sentenceCase('iPhone case')).toBe('iPhone case')
})
