/** Reads what was stored of today's pace, from time to time: between two readings what is usual goes on by itself. */
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { readNowcasts, readPaceBands } from '../../clickhouse/queries/read-pace.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { PaceTile } from '../../core/contracts/pace.ts'
import { FORECAST_MIN_DAYS } from '../../core/contracts/results.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import type { DayWindow } from './day-window.ts'
import { paceTile, type StoredPace } from './pace-tile.ts'

/** New figures come every quarter of a minute; nobody's hero waits for them. */
const READ_INTERVAL_MS = 5_000
/** Where a day ends is told anew every ten minutes at least; by then nobody reckons it any more. */
const STALE_AFTER_MS = 1_800_000

export interface PaceReader {
  read(window: DayWindow): Promise<PaceTile>
}

export function createPaceReader(
  warehouse: Warehouse,
  scope: MoneyScope,
  { analytics, clock }: { analytics: boolean; clock: Clock },
): PaceReader {
  let last: { day: string; atMs: number; stored: StoredPace } | undefined
  return {
    async read({ today: { day }, elapsedMinutes }) {
      if (last?.day !== day || clock.now() - last.atMs >= READ_INTERVAL_MS) {
        const asked = { ...scope, day, minutes: elapsedMinutes, analytics, clock }
        const stored = await readPace(warehouse, asked)
        last = { day, atMs: clock.now(), stored }
      }
      return paceTile(last.stored, day, elapsedMinutes)
    },
  }
}

/** On the sale axis a day goes on changing after its end: nothing is said of it. */
export async function readPace(
  warehouse: Warehouse,
  scope: MoneyScope & { day: string; minutes: number; analytics: boolean; clock: Clock },
): Promise<StoredPace> {
  const { axis, day, analytics, clock } = scope
  const asked = axis === 'booked' && analytics
  const sinceMs = clock.now() - STALE_AFTER_MS
  const [bands, nowcasts] = asked
    ? await Promise.all([readPaceBands(warehouse, scope), readNowcasts(warehouse, { ...scope, sinceMs })])
    : [[], []]
  const firstDay = bands.length > 0 || !asked ? null : await readFirstDay(warehouse, scope)
  const completeDays = firstDay === null ? 0 : Math.max(0, parseDay(day) - parseDay(firstDay))
  const history = completeDays < FORECAST_MIN_DAYS ? 'history' : 'forecast'
  const reason = axis !== 'booked' ? 'axis' : analytics ? history : 'off'
  return { bands, nowcasts, absence: { reason, completeDays, neededDays: FORECAST_MIN_DAYS } }
}
