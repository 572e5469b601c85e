/** The library's calendars, in a thread: to load all countries takes half a second and tens of megabytes. */
import Holidays from 'date-holidays'
import { formatDay, parseDay } from '../core/runtime/local-time.ts'

export interface HolidayTask {
  /** ISO 3166-1 alpha-2. */
  country: string
  fromYear: number
  toYear: number
}

export interface Holiday {
  /** YYYY-MM-DD. */
  day: string
  /** In English; the same every year. */
  name: string
  /** Shops, offices or banks are closed by law or habit; else it is a day of gifts, or one beside such a day. */
  isClosed: boolean
}

/** Of two on one day the first of these counts. */
const TYPES = ['public', 'bank', 'observance', 'optional']
const CLOSED = new Set(['public', 'bank'])

/** A day once, by day. Throws RangeError where the library knows no such country. */
export default function listHolidays({ country, fromYear, toYear }: HolidayTask): Holiday[] {
  const calendar = new Holidays(country)
  if (!Object.hasOwn(calendar.getCountries() ?? {}, country))
    throw new RangeError(`there is no calendar of holidays of ${country}`)
  const days = new Map<string, Holiday & { rank: number }>()
  for (let year = fromYear; year <= toYear; year++) {
    for (const { date, name, type, start, end } of calendar.getHolidays(year, 'en')) {
      const rank = TYPES.indexOf(type)
      if (rank < 0) continue
      const lasts = Math.max(1, Math.round((end.getTime() - start.getTime()) / 86_400_000))
      for (let i = 0; i < lasts; i++) {
        const day = formatDay(parseDay(date.slice(0, 10)) + i)
        if (rank < (days.get(day)?.rank ?? TYPES.length))
          days.set(day, { day, name: nameOf(name), isClosed: CLOSED.has(type), rank })
      }
    }
  }
  return [...days.values()].map(({ rank: _, ...holiday }) => holiday).sort((a, b) => (a.day < b.day ? -1 : 1))
}

/** A day off instead is that holiday too. */
const nameOf = (name: string) => name.replace(/ \(substitute day\)$/, '')
