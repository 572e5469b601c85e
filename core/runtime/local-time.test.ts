import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDay, instantOfLocal, localDay, localHour, parseDay, startOfLocalDay } from './local-time.ts'

const LONDON = 'Europe/London'
const at = (text: string) => Date.parse(text)

describe('local time', () => {
  it('cuts days at local midnight, summer and winter', () => {
    expect(formatDay(localDay(at('2011-07-01T22:59:59Z'), LONDON))).toBe('2011-07-01')
    expect(formatDay(localDay(at('2011-07-01T23:00:00Z'), LONDON))).toBe('2011-07-02')
    expect(formatDay(localDay(at('2011-12-01T23:59:59Z'), LONDON))).toBe('2011-12-01')
    expect(localHour(at('2011-07-01T22:59:59Z'), LONDON)).toBe(23)
  })

  it('takes the first of two equal wall times and steps over a skipped one', () => {
    expect(instantOfLocal(at('2011-10-30T01:30:00Z'), LONDON)).toBe(at('2011-10-30T00:30:00Z'))
    expect(instantOfLocal(at('2011-03-27T01:30:00Z'), LONDON)).toBe(at('2011-03-27T01:30:00Z'))
    expect(localHour(instantOfLocal(at('2011-03-27T01:30:00Z'), LONDON), LONDON)).toBe(2)
  })

  it('finds the start of days that have no midnight or begin west of Greenwich', () => {
    const day = parseDay('2018-11-04')
    expect(new Date(startOfLocalDay(day, 'America/Sao_Paulo')).toISOString()).toBe('2018-11-04T03:00:00.000Z')
    expect(new Date(startOfLocalDay(parseDay('2011-11-17'), 'Asia/Kolkata')).toISOString()).toBe(
      '2011-11-16T18:30:00.000Z',
    )
  })

  it('agrees with Intl for any instant', () => {
    const zones = [
      'Europe/London',
      'America/Sao_Paulo',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ]
    fc.assert(
      fc.property(
        fc.integer({ min: 946_684_800_000, max: 2_200_000_000_000 }),
        fc.constantFrom(...zones),
        (ms, zone) => {
          const intl = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(ms)
          expect(formatDay(localDay(ms, zone))).toBe(intl)
        },
      ),
    )
  })
})
