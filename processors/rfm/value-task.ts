/** What goes to the thread that fits: all customers' purchases at once, or some of them to be predicted by what was fitted. */
import { type BgNbdFit, fitBgNbd, groupPurchases } from './fit-bg-nbd.ts'
import { fitGammaGamma, type GammaGammaFit } from './gamma-gamma.ts'
import { type Predictions, predictRange, type ValueModels } from './predict-value.ts'
import type { RepeatPurchases } from './repeat-purchases.ts'

export type ValueTask =
  | { type: 'fit'; purchases: RepeatPurchases }
  | { type: 'predict'; purchases: RepeatPurchases; models: ValueModels }

export interface ValueFits {
  bgNbd: BgNbdFit
  gammaGamma: GammaGammaFit
}

export type ValueTaskResult = { type: 'fit'; fits: ValueFits } | { type: 'predict'; predictions: Predictions }

export function runValueTask(task: ValueTask): ValueTaskResult {
  const { purchases } = task
  if (task.type === 'fit') {
    const bgNbd = fitBgNbd(groupPurchases(purchases))
    return { type: 'fit', fits: { bgNbd, gammaGamma: fitGammaGamma(purchases) } }
  }
  const rows = purchases.repeats.length
  const column = () => new Float64Array(rows)
  const predictions = { aliveProbability: column(), purchases: column(), valueE4: column() }
  predictRange(task.models, purchases, { from: 0, to: rows }, predictions)
  return { type: 'predict', predictions }
}
