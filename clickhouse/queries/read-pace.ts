/** What was stored of the pace of days, and the forecasts that it goes by. */
import type { PacePlace, PaceSeries } from '../../core/contracts/pace.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface Bounds {
  value: string
  low80: string
  high80: string
  low95: string
  high95: string
}

export interface PaceBand {
  series: PaceSeries
  /** YYYY-MM-DD: the last day that its forecast knows of. */
  cutOff: string
  revision: number
  formerDays: number
  model: string
  /** ISO 8601, UTC. */
  at: string
  /** By elapsed minutes, ascending. */
  points: (Bounds & { minute: number })[]
}

export interface StoredNowcast extends Bounds {
  series: PaceSeries
  minute: number
  soFar: string
  place: PacePlace
  at: string
}

type BandRow = Omit<PaceBand, 'points'> & PaceBand['points'][number]

/** The last that was said of a day, by series; none where there is none. */
export async function readPaceBands(
  warehouse: Warehouse,
  scope: Scope & { day: string },
): Promise<PaceBand[]> {
  const rows = await warehouse.query<BandRow>(
    `SELECT * FROM (
       SELECT series, toString(cutoff) AS cutOff, revision, former_days AS formerDays, model, at, minute, value, low80, high80,
         low95, high95
       FROM ${tableOf(scope, 'pace_bands')} AS p FINAL
       WHERE tenant = {tenant:String} AND p.day = {day:Date} ORDER BY revision DESC LIMIT 1 BY series, minute
     ) ORDER BY series DESC, minute`,
    { params: { tenant: scope.tenant, day: scope.day } },
  )
  const bands = new Map<string, PaceBand>()
  for (const { series, cutOff, revision, formerDays, model, at, ...point } of rows) {
    const head = { series, cutOff, revision, formerDays, model, at: toIso(at) }
    const band = bands.get(series) ?? { ...head, points: [] }
    bands.set(series, band)
    band.points.push(point)
  }
  return [...bands.values()]
}

/**
 * The newest of a day, by series, of at most so many elapsed minutes: a replay that begins anew goes back in time. What was
 * made before `sinceMs` is left out: whoever made it has gone, and does not know what came since.
 */
export async function readNowcasts(
  warehouse: Warehouse,
  scope: Scope & { day: string; minutes: number; sinceMs: number },
): Promise<StoredNowcast[]> {
  const { tenant, day, minutes, sinceMs } = scope
  const rows = await warehouse.query<StoredNowcast>(
    `SELECT series, minute, so_far AS soFar, place, value, low80, high80, low95, high95, at
     FROM ${tableOf(scope, 'nowcasts')} AS n FINAL
     WHERE tenant = {tenant:String} AND n.day = {day:Date} AND minute <= {minutes:UInt16}
       AND n.at >= fromUnixTimestamp64Milli({since:Int64})
     ORDER BY at DESC, minute DESC LIMIT 1 BY series`,
    { params: { tenant, day, minutes, since: Math.floor(sinceMs) } },
  )
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))
}

export interface DayForecast {
  series: PaceSeries
  cutOff: string
  revision: number
  value: string
  high80: string
}

/** What the newest forecast says of a day, by series, where that is at most `horizon` days behind its cut-off. */
export function readDayForecast(
  warehouse: Warehouse,
  scope: Scope & { day: string; horizon: number },
): Promise<DayForecast[]> {
  const { tenant, day, horizon } = scope
  return warehouse.query<DayForecast>(
    `SELECT series, toString(cutoff) AS cutOff, revision, value, high80
     FROM ${tableOf(scope, 'forecasts')} AS f FINAL
     WHERE tenant = {tenant:String} AND series IN ('revenue', 'orders') AND dimension = 'all' AND key = ''
       AND cutoff BETWEEN {day:Date} - {horizon:UInt16} AND {day:Date} - 1 AND f.day = {day:Date}
     ORDER BY revision DESC LIMIT 1 BY series`,
    { params: { tenant, day, horizon } },
  )
}

/** The last band that was stored of each tenant that has one. */
export function readLastBands(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
): Promise<{ tenant: string; day: string; revision: number }[]> {
  return warehouse.query(
    `SELECT tenant, toString(argMax(p.day, p.at)) AS day, argMax(revision, p.at) AS revision
     FROM ${tableOf(scope, 'pace_bands')} AS p GROUP BY tenant`,
  )
}
