/** What goes to the thread that fits models of orders, and scores with the engine that cannot leave it. */
import type { AnomalyEngineName } from '../../../core/runtime/anomaly-settings.ts'
import { createEngine, type FittedEngine } from '../forest/engine.ts'
import { fitForest } from '../forest/fit-forest.ts'
import { type Rows, rowCount } from '../forest/forest.ts'
import { encodeForest } from '../forest/forest-codec.ts'
import { scoreRows } from '../forest/score-rows.ts'

export type OrderTask =
  | { do: 'fit'; engine: AnomalyEngineName; name: string; rows: Rows; seed: number }
  /** With the engine `isolation-forest`; where this thread did not fit the model, it fits it from the sample. */
  | { do: 'score'; name: string; sample: Rows; rows: Rows; seed: number }

export interface OrderTaskResult {
  scores: Float64Array
  /** Of a fit: our forest, whichever engine scores: it is what explains. */
  forest: Uint8Array
}

const SIZES = { trees: 100, sampleSize: 256 }

/** Scores of a fit are those of its own rows. */
export async function runOrderTask(task: OrderTask): Promise<OrderTaskResult> {
  const { name, rows, seed } = task
  if (task.do === 'score') {
    const fitted = kept.get(name) ?? (await fitPackage(name, task.sample, seed))
    return { scores: fitted.score(rows), forest: new Uint8Array() }
  }
  const forest = fitForest(rows, { ...SIZES, seed })
  const isOwn = task.engine === 'own'
  const scores = isOwn ? scoreRows(forest, rows) : (await fitPackage(name, rows, seed)).score(rows)
  return { scores, forest: encodeForest(forest) }
}

/** By name: the package's models cannot be sent, and each fit of the same rows is another one. */
const kept = new Map<string, FittedEngine>()
const MAX_KEPT = 32

async function fitPackage(name: string, sample: Rows, seed: number): Promise<FittedEngine> {
  const engine = createEngine('isolation-forest')
  // It grows each tree from all rows whatever ψ says; only told so does it divide by what fits, and 0.5 means usual.
  const fitted = await engine.fit(sample, { ...SIZES, sampleSize: rowCount(sample), seed })
  kept.delete(name)
  kept.set(name, fitted)
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!)
  return fitted
}
