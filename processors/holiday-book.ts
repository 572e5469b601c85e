/**
 * On which days a shop is not as on others of their weekday: the public holidays of its country (from the library
 * date-holidays) and those that its configuration names.
 */
import type { TenantConfig } from '../core/contracts/tenant.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { createTaskPool } from '../core/runtime/task-pool.ts'
import type { Holiday, HolidayTask } from './holidays.worker.ts'

export interface Holidays {
  /** Names by day, `YYYY-MM-DD`. */
  names: Record<string, string>
  /** On which it sells as on a Sunday: not those that only bring gifts. */
  closed: ReadonlySet<string>
}

export interface HolidayBook {
  /** Of the years of both days and all between. Never rejects: what cannot be read is told and left out. */
  of(tenant: TenantConfig, fromDay: string, toDay: string): Promise<Holidays>
}

/** Where the configuration tells none. */
const COUNTRY_OF: Readonly<Record<string, string>> = { BRL: 'BR', GBP: 'GB', USD: 'US' }
/** Loading the library on a busy machine. */
const TIMEOUT_MS = 60_000
/** Who wants holidays comes every minute; what could not be read is not tried again at each of them. */
const AGAIN_AFTER_MS = 3_600_000

export function createHolidayBook(logger: Logger): HolidayBook {
  const read = new Map<string, Promise<Holiday[]>>()

  function ofCountry(task: HolidayTask): Promise<Holiday[]> {
    const key = JSON.stringify(task)
    const holidays = read.get(key) ?? listInThread(task).catch((error) => forget(key, task, error))
    read.set(key, holidays)
    return holidays
  }

  function forget(key: string, { country }: HolidayTask, error: unknown): Holiday[] {
    setTimeout(() => read.delete(key), AGAIN_AFTER_MS).unref()
    logger.warn('forecasts and baselines know no public holidays', { country, why: errorMessage(error) })
    return []
  }

  return {
    async of(tenant, fromDay, toDay) {
      const country = tenant.country === undefined ? COUNTRY_OF[tenant.currency] : tenant.country
      const [fromYear, toYear] = [Number(fromDay.slice(0, 4)), Number(toDay.slice(0, 4))]
      const known = country == null ? [] : await ofCountry({ country, fromYear, toYear })
      return withOwn(known, tenant, { fromYear, toYear })
    },
  }
}

/** Without a library: only what the configuration names. */
export const OWN_HOLIDAYS: HolidayBook = {
  of: async (tenant, fromDay, toDay) =>
    withOwn([], tenant, { fromYear: Number(fromDay.slice(0, 4)), toYear: Number(toDay.slice(0, 4)) }),
}

/** A thread that ends with its task: the calendars are not needed again until the next year. */
async function listInThread(task: HolidayTask): Promise<Holiday[]> {
  const part = 'processors/holidays.worker.ts'
  const pool = createTaskPool<HolidayTask, Holiday[]>({
    name: 'holidays',
    part,
    threads: 1,
    timeoutMs: TIMEOUT_MS,
  })
  try {
    return await pool.run(task)
  } finally {
    await pool.close()
  }
}

function withOwn(
  known: readonly Holiday[],
  { holidays = [] }: TenantConfig,
  { fromYear, toYear }: Pick<HolidayTask, 'fromYear' | 'toYear'>,
): Holidays {
  const names = Object.fromEntries(known.map(({ day, name }) => [day, name]))
  const closed = new Set(known.flatMap(({ day, isClosed }) => (isClosed ? [day] : [])))
  for (const own of holidays) {
    const days =
      own.length === 10
        ? [own]
        : Array.from({ length: toYear - fromYear + 1 }, (_, i) => `${fromYear + i}-${own}`)
    for (const day of days) {
      // What the configuration names is one event of every year, whatever weekday it falls on.
      names[day] ??= own.slice(-5)
      closed.add(day)
    }
  }
  return { names, closed }
}
