/**
 * Models are fitted anew in the background while orders go on being judged by the one before: at first, whenever so many
 * orders came as it was fitted on, until the sample has its whole horizon; then every half horizon, and not more often
 * than every ten minutes. It is stored before it judges, so that what it says can be traced to a row.
 */
import type { AnomalyEngineName } from '../../../core/runtime/anomaly-settings.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import {
  type ModelParts,
  modelName,
  modelRow,
  type OrderModel,
  type OrderPool,
  openModel,
} from './order-model.ts'
import { HORIZON_ORDERS, type OrderWatch } from './order-watch.ts'

/** With fewer, half of what is compared is not known yet. */
export const LEAST_ORDERS = 500
const LEAST_INTERVAL_MS = 10 * 60_000
/** While history comes fast, and after a fit that failed. */
const LEAST_PAUSE_MS = 5_000

export interface Refitting {
  tenant: string
  engine: AnomalyEngineName
  watch: OrderWatch
  pool: OrderPool
  clock: Clock
  /** Resolves when the row is stored. */
  store: (row: object) => Promise<void>
  signal: AbortSignal
}

export interface Fitness {
  watch: { readonly seen: number }
  /** Undefined: there is none yet. */
  model: object | undefined
  /** Orders that had come by when it was fitted; at a start no more than were read then. */
  seenAtFit: number
  fittedAtMs: number
}

export function isRefitDue(
  { watch: { seen }, model, seenAtFit, fittedAtMs }: Fitness,
  nowMs: number,
): boolean {
  const sinceMs = nowMs - fittedAtMs
  if (sinceMs < LEAST_PAUSE_MS || seen < LEAST_ORDERS) return false
  if (model === undefined) return true
  if (seenAtFit < HORIZON_ORDERS) return seen >= 2 * seenAtFit
  return seen - seenAtFit >= HORIZON_ORDERS / 2 && sinceMs >= LEAST_INTERVAL_MS
}

export async function refit(
  { tenant, engine, watch, pool, clock, store, signal }: Refitting,
  version: number,
): Promise<OrderModel> {
  const sample = watch.sample()
  const { seen } = watch
  const name = modelName(tenant, version)
  const { scores, forest } = await pool.run(
    { do: 'fit', engine, name, rows: sample, seed: version },
    { lane: 'batch', signal },
  )
  const parts: ModelParts = { tenant, engine, version, seen, scores, forest, sample }
  await store(modelRow(parts, clock.now()))
  return openModel(parts, pool)
}
