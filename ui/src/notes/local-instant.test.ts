import { expect, test } from 'vitest'
import { instantOf, localOf } from './local-instant.ts'

test.each([
  ['2011-11-17T14:32', 'Europe/London', '2011-11-17T14:32:00.000Z'],
  ['2024-07-01T00:00', 'America/Sao_Paulo', '2024-07-01T03:00:00.000Z'],
  ['2024-07-01T00:30', 'Asia/Kolkata', '2024-06-30T19:00:00.000Z'],
  // Twice there: the first one.
  ['2024-10-27T01:30', 'Europe/London', '2024-10-27T00:30:00.000Z'],
  // Never there: as far behind the change as it says.
  ['2024-03-31T01:30', 'Europe/London', '2024-03-31T01:30:00.000Z'],
  ['2024-03-31T12:00', 'Europe/London', '2024-03-31T11:00:00.000Z'],
])('%s in %s is %s', (local, zone, expected) => {
  expect(instantOf(local, zone)).toBe(expected)
})

test('what is no time is none', () => {
  for (const text of ['', '2024-03-31', '2024-13-01T00:00', 'now']) expect(instantOf(text, 'UTC')).toBeNull()
})

test('what the field shows leads back to its minute', () => {
  for (const at of ['2024-02-29T23:59:00.000Z', '2024-10-26T23:30:00.000Z', '2024-12-31T23:30:00.000Z'])
    expect(instantOf(localOf(Date.parse(at) + 59_999, 'Europe/Lisbon'), 'Europe/Lisbon')).toBe(at)
})
