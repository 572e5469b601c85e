/**
 * The model that judges a tenant's orders: made by a fit in the background or read from its row, never changed. Our engine
 * scores here, in a millisecond; the other one in the thread that holds it.
 */
import type { StoredModel } from '../../../clickhouse/queries/read-anomalies.ts'
import type { AnomalyEngineName } from '../../../core/runtime/anomaly-settings.ts'
import type { TaskPool } from '../../../core/runtime/task-pool.ts'
import type { Forest, Rows } from '../forest/forest.ts'
import { decodeForest } from '../forest/forest-codec.ts'
import { scoreRows } from '../forest/score-rows.ts'
import type { OrderTask, OrderTaskResult } from './fit-task.ts'
import { ORDER_FEATURES } from './order-features.ts'

export type OrderPool = TaskPool<OrderTask, OrderTaskResult>

export interface OrderModel {
  engine: AnomalyEngineName
  version: number
  /** Orders that had come by when its sample was taken. */
  seen: number
  /** Of the sample. */
  scores: Float64Array
  /** Above it an order is more unusual than each of the sample. */
  highest: number
  /** Explains, whichever engine scores. */
  forest: Forest
  score(rows: Rows): Promise<Float64Array>
}

export interface ModelParts {
  tenant: string
  engine: AnomalyEngineName
  version: number
  seen: number
  scores: Float64Array
  forest: Uint8Array
  /** What the engine `isolation-forest` was fitted from. */
  sample: Rows
}

export function openModel(
  { tenant, forest: bytes, sample, ...parts }: ModelParts,
  pool: OrderPool,
): OrderModel {
  const forest = decodeForest(bytes)
  const { engine, version, scores } = parts
  return {
    ...parts,
    forest,
    highest: scores.reduce((most, score) => Math.max(most, score), 0),
    score: async (rows) => {
      if (engine === 'own')
        return scoreRows(forest, rows, rows.values.length > FEW_VALUES ? 'wasm' : 'typescript')
      const task = { do: 'score', name: modelName(tenant, version), sample, rows, seed: version } as const
      return (await pool.run(task, { lane: 'live' })).scores
    },
  }
}

/** Making the instructions costs more than so few rows; both give the same scores. */
const FEW_VALUES = 256 * ORDER_FEATURES.length

export const modelName = (tenant: string, version: number) => `${tenant}/${version}`

export function modelRow({ tenant, forest, sample, scores, ...row }: ModelParts, at: number) {
  const { engine, version, seen } = row
  return {
    ...{ tenant, version, engine, seen, fitted_at: new Date(at).toISOString() },
    scores: [...scores],
    forest: Buffer.from(forest).toString('base64'),
    sample: engine === 'own' ? '' : Buffer.from(bytesOf(sample.values)).toString('base64'),
  }
}

export function partsOf(
  { forest, sample, scores, ...row }: StoredModel,
  { tenant, engine }: Pick<ModelParts, 'tenant' | 'engine'>,
): ModelParts {
  return {
    ...{ tenant, engine, version: row.version, seen: row.seen, scores: Float64Array.from(scores) },
    forest: Uint8Array.from(Buffer.from(forest, 'base64')),
    sample: {
      values: new Float64Array(Uint8Array.from(Buffer.from(sample, 'base64')).buffer),
      features: ORDER_FEATURES.length,
    },
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)
