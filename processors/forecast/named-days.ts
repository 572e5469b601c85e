/** What is on a tenant's days: holidays, and promotions that people marked (annotations of that kind), past and to come. */
import { readAnnotations } from '../../clickhouse/queries/read-notes.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { formatDay, localDay, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import type { HolidayBook } from '../holiday-book.ts'
import type { DayNames } from './forecast-task.ts'

export interface NamedDays {
  holidays: DayNames
  promotions: DayNames
}

/** One name for all: what the next one does is learned from every former one. */
const PROMOTION = 'promotion'
const MOST_ANNOTATIONS = 10_000

/** From the first day to the last, which may be to come. */
export async function readNamedDays(
  warehouse: Warehouse,
  { database, tenant }: { database: string; tenant: TenantConfig },
  book: HolidayBook,
  { from, to }: { from: string; to: string },
): Promise<NamedDays> {
  const { names } = await book.of(tenant, from, to)
  const { timeZone } = tenant
  const annotations = await readAnnotations(warehouse, {
    ...{ database, tenant: tenant.id, limit: MOST_ANNOTATIONS },
    fromMs: startOfLocalDay(parseDay(from), timeZone),
    toMs: startOfLocalDay(parseDay(to) + 1, timeZone),
  })
  const promotions: DayNames = {}
  for (const { kind, at, until } of annotations) {
    if (kind !== 'promotion') continue
    // What ends at midnight is no part of the day that begins then.
    const last = Math.max(Date.parse(at), until === null ? 0 : Date.parse(until) - 1)
    for (let day = localDay(Date.parse(at), timeZone); day <= localDay(last, timeZone); day++)
      promotions[formatDay(day)] = PROMOTION
  }
  return { holidays: within(names, from, to), promotions: within(promotions, from, to) }
}

function within(names: DayNames, from: string, to: string): DayNames {
  return Object.fromEntries(
    Object.entries(names)
      .filter(([day]) => from <= day && day <= to)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
