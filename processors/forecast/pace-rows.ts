/** What the pace of a day becomes: rows of ClickHouse. Rounded at the fourth decimal. */
import { PACE_STEP_MINUTES, type PaceSeries } from '../../core/contracts/pace.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { DayClock } from './day-clock.ts'
import type { SeriesPace } from './day-pace.ts'
import { decimalOf, unitOf } from './forecast-rows.ts'
import type { Interval } from './nowcast.ts'

/** Its number is raised with each change of what a pace means. */
const MODEL = 'nowcast-2'

/** Of whom, of which day, by which forecast. */
export interface PaceOccasion {
  tenant: TenantConfig
  /** YYYY-MM-DD. */
  day: string
  /** 1,380, 1,440 or 1,500. */
  minutes: number
  clock: DayClock
  /** Wall clock. */
  at: number
}

export interface PaceOfSeries {
  series: PaceSeries
  cutOff: string
  revision: number
  pace: SeriesPace
}

type Row = Record<string, unknown>

/** One for each quarter of an hour, and one for the beginning. */
export function bandRows(of: PaceOfSeries, occasion: PaceOccasion): Row[] {
  const quarters = occasion.minutes / PACE_STEP_MINUTES
  return Array.from({ length: quarters + 1 }, (_, quarter) => ({
    ...headOf(of, occasion),
    former_days: of.pace.days,
    minute: quarter * PACE_STEP_MINUTES,
    ...boundsOf(of.pace.usualBy(occasion.clock.shareAt(quarter * PACE_STEP_MINUTES))),
  }))
}

export function nowcastRow(
  of: PaceOfSeries,
  occasion: PaceOccasion,
  { soFar, elapsedMinutes }: { soFar: number; elapsedMinutes: number },
): Row {
  const { end, place } = of.pace.endOf(soFar, occasion.clock.shareAt(elapsedMinutes))
  return {
    ...headOf(of, occasion),
    minute: Math.floor(elapsedMinutes),
    so_far: decimalOf(soFar),
    place,
    ...boundsOf(end),
  }
}

function headOf({ series, cutOff, revision }: PaceOfSeries, { tenant, day, at }: PaceOccasion): Row {
  return {
    ...{ tenant: tenant.id, series, day, revision, cutoff: cutOff },
    ...{ unit: unitOf({ series }, tenant), currency: tenant.currency, model: MODEL },
    at: new Date(at).toISOString(),
  }
}

const boundsOf = ({ point, lo80, hi80, lo95, hi95 }: Interval): Row => ({
  ...{ value: decimalOf(point), low80: decimalOf(lo80), high80: decimalOf(hi80) },
  ...{ low95: decimalOf(lo95), high95: decimalOf(hi95) },
})
