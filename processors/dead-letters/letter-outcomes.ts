/** What somebody decided about dead letters: appended, never changed; the newest decision counts. */
import { OUTCOMES_TABLE } from '../../clickhouse/queries/open-letters.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Clock } from '../../core/runtime/clock.ts'

export type LetterState = 'open' | 'replayed' | 'skipped'

/** Which letter: the key of the table. */
export interface LetterKey {
  tenant: string
  source: string
  origin: string
}

export interface Outcome extends LetterKey {
  state: LetterState
  by: string
  why: string
  /** Origin of the record that the replay appended; empty for what was not replayed. */
  replayedAs: string
}

/** One insert, on disk when it resolves. */
export async function recordOutcomes(
  warehouse: Warehouse,
  clock: Clock,
  outcomes: readonly Outcome[],
): Promise<void> {
  if (outcomes.length === 0) return
  const at = new Date(clock.now()).toISOString()
  const rows = outcomes.map(({ tenant, source, origin, state, by, why, replayedAs }) =>
    JSON.stringify({ tenant, source, origin, state, at, decided_by: by, why, replayed_as: replayedAs }),
  )
  await warehouse.insert(`INSERT INTO ${OUTCOMES_TABLE} FORMAT JSONEachRow`, Buffer.from(rows.join('\n')), {
    queryId: `dead-letter-outcomes:${outcomes[0]!.origin}:${clock.now()}`,
    settings: { date_time_input_format: 'best_effort', async_insert: 0, insert_deduplicate: 0 },
  })
}
