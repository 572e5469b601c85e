/** Reads what was said beside the numbers of today, from time to time: people add little, and nobody's hero waits for it. */
import { readAnnotations, readTargets } from '../../clickhouse/queries/read-notes.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Annotation, NotesTile, Target } from '../../core/contracts/notes.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { DayWindow } from './day-window.ts'
import { targetsInForce } from './target-progress.ts'

const READ_INTERVAL_MS = 2_000
/** On one chart; of more the newest. */
const MAX_ANNOTATIONS = 20
const MINUTE_MS = 60_000

export interface NotesReader {
  read(window: DayWindow): Promise<NotesTile>
}

export function createNotesReader(
  warehouse: Warehouse,
  scope: MoneyScope,
  { clock }: { clock: Clock },
): NotesReader {
  let last: { tile: NotesTile; atMs: number } | undefined
  return {
    async read({ today }) {
      if (last?.tile.day === today.day && clock.now() - last.atMs < READ_INTERVAL_MS) return last.tile
      const span = { fromMs: today.startMs, toMs: today.endMs, limit: MAX_ANNOTATIONS }
      const [annotations, targets] = await Promise.all([
        readAnnotations(warehouse, { ...scope, ...span }),
        readTargets(warehouse, scope),
      ])
      const tile = { ...onTheDay(today, annotations), target: targetOf(targets, today.day, scope.currency) }
      last = { tile, atMs: clock.now() }
      return last.tile
    },
  }
}

function targetOf(all: readonly Target[], day: string, currency: string): NotesTile['target'] {
  const own = targetsInForce(all, day, currency).filter(({ period }) => period === 'day')
  const amountOf = (name: Target['series']) => own.find(({ series }) => series === name)?.amount ?? null
  const orders = amountOf('orders')
  return { revenue: amountOf('revenue'), orders: orders === null ? null : Number(orders) }
}

function onTheDay(
  { day, startMs, endMs }: DayWindow['today'],
  annotations: readonly Annotation[],
): Pick<NotesTile, 'day' | 'minutes' | 'annotations'> {
  const minuteOf = (at: string) => (Math.min(Math.max(Date.parse(at), startMs), endMs) - startMs) / MINUTE_MS
  const placed = annotations.map((one) => ({
    ...one,
    fromMinute: minuteOf(one.at),
    untilMinute: one.until === null ? null : minuteOf(one.until),
  }))
  return { day, minutes: (endMs - startMs) / MINUTE_MS, annotations: placed }
}
