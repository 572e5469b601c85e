/** Scores a range of shared rows: what one of several threads does. */
import { decodeForest } from '../../processors/anomaly/forest/forest-codec.ts'
import { createRowScorer } from '../../processors/anomaly/forest/score-rows.ts'

export interface ScoreTask {
  model: Uint8Array
  features: number
  /** Over SharedArrayBuffers. */
  values: Float64Array
  scores: Float64Array
  from: number
  to: number
}

export default function scoreRange({ model, features, values, scores, from, to }: ScoreTask): void {
  createRowScorer(decodeForest(model)).score({ values, features }, scores, from, to)
}
