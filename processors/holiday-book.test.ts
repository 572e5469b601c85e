/** Against the dates that governments publish (gov.uk/bank-holidays, the federal calendars of Brazil and the United States). */
import { expect, test } from 'vitest'
import { type Logger, silentLogger } from '../core/runtime/logger.ts'
import { createHolidayBook, OWN_HOLIDAYS } from './holiday-book.ts'

const LONDON = { id: 'acme', name: 'Acme', timeZone: 'Europe/London', currency: 'GBP' }
const book = createHolidayBook(silentLogger)
const closedOf = async (country: string, year: number) => {
  const { closed } = await book.of({ ...LONDON, country }, `${year}-02-01`, `${year}-02-02`)
  return [...closed].map((day) => day.slice(5)).sort()
}

test('the bank holidays of the United Kingdom, with the days off instead', async () => {
  expect(await closedOf('GB', 2026)).toEqual([
    ...['01-01', '04-03', '04-06', '05-04', '05-25', '12-25', '12-26', '12-28'],
  ])
  // The day off for the late Queen's jubilee, and that for her funeral.
  expect(await closedOf('GB', 2022)).toEqual(expect.arrayContaining(['06-02', '06-03', '09-19']))
})

test('the federal holidays of the United States and of Brazil', async () => {
  expect(await closedOf('US', 2026)).toEqual(
    expect.arrayContaining([
      ...[
        '01-01',
        '01-19',
        '02-16',
        '05-25',
        '06-19',
        '07-03',
        '07-04',
        '09-07',
        '10-12',
        '11-11',
        '11-26',
        '12-25',
      ],
    ]),
  )
  expect(await closedOf('BR', 2026)).toEqual(
    expect.arrayContaining([
      ...[
        '01-01',
        '02-16',
        '02-17',
        '04-03',
        '04-21',
        '05-01',
        '06-04',
        '09-07',
        '10-12',
        '11-02',
        '11-15',
        '11-20',
      ],
      '12-25',
    ]),
  )
})

test('a day of gifts has a name and is like no Sunday, and the name is that of every year', async () => {
  const { names, closed } = await book.of(LONDON, '2025-01-01', '2026-12-31')
  expect(names['2025-03-30']).toBe("Mother's Day")
  expect(names['2026-03-15']).toBe("Mother's Day")
  expect(closed.has('2026-03-15')).toBe(false)
  expect(names['2026-12-26']).toBe(names['2026-12-28'])
})

test('the country is that of the currency where none is told, and nobody’s for null', async () => {
  const at = ['2026-01-01', '2026-12-31'] as const
  const dates = async (more: object) => [...(await book.of({ ...LONDON, ...more }, ...at)).closed]
  expect(await dates({ currency: 'BRL' })).toContain('2026-11-20')
  expect(await dates({ currency: 'USD', country: 'BR' })).toContain('2026-11-20')
  expect(await dates({ currency: 'EUR' })).toEqual([])
  expect(await dates({ country: null })).toEqual([])
})

test('what the configuration names is closed every year, or once', async () => {
  const tenant = { ...LONDON, country: null, holidays: ['12-24', '2026-07-01'] }
  const { closed, names } = await OWN_HOLIDAYS.of(tenant, '2025-12-01', '2026-01-31')
  expect([...closed].sort()).toEqual(['2025-12-24', '2026-07-01', '2026-12-24'])
  expect(names).toEqual({ '2025-12-24': '12-24', '2026-12-24': '12-24', '2026-07-01': '07-01' })
  expect((await book.of({ ...tenant, country: 'GB' }, '2026-01-01', '2026-01-01')).names).toMatchObject({
    '2026-12-24': '12-24',
    '2026-12-25': 'Christmas Day',
  })
})

test('a country that the library does not know is told, and the rest goes on', async () => {
  const told: object[] = []
  const logger: Logger = { ...silentLogger, warn: (_, fields) => told.push(fields!) }
  const tenant = { ...LONDON, country: 'QQ', holidays: ['05-05'] }
  const patient = createHolidayBook(logger)
  // Asked again at once it is neither read nor told again.
  for (const _ of [1, 2]) {
    const { closed } = await patient.of(tenant, '2026-01-01', '2026-01-01')
    expect([...closed]).toEqual(['2026-05-05'])
  }
  expect(told).toEqual([{ country: 'QQ', why: 'there is no calendar of holidays of QQ' }])
})
