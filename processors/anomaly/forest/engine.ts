/**
 * The engines that can score rows. `own` is our forest. `isolation-forest` is the npm package of that name, for
 * comparison and small batches; where it departs from the paper is shown by `package-engine.test.ts`.
 */
import type { AnomalyEngineName } from '../../../core/runtime/anomaly-settings.ts'
import { fitForest } from './fit-forest.ts'
import type { Rows } from './forest.ts'
import { createPackageEngine } from './package-engine.ts'
import { scoreRows } from './score-rows.ts'

export interface EngineOptions {
  trees: number
  /** ψ. */
  sampleSize: number
  /** Engines that cannot be seeded ignore it, and give other scores every time. */
  seed: number
}

export interface AnomalyEngine {
  readonly name: AnomalyEngineName
  /** The same rows, options and seed give the same scores. */
  readonly isSeeded: boolean
  /** Rows that it takes at once, in fit or score; above it throws RevwallError `engine_limit`. */
  readonly maxRows: number
  fit(rows: Rows, options: EngineOptions): Promise<FittedEngine>
}

export interface FittedEngine {
  /** One score a row, in [0, 1]. */
  score(rows: Rows): Float64Array
}

const ownEngine: AnomalyEngine = {
  name: 'own',
  isSeeded: true,
  maxRows: Number.POSITIVE_INFINITY,
  fit: async (rows, options) => {
    const forest = fitForest(rows, options)
    return { score: (asked) => scoreRows(forest, asked) }
  },
}

export function createEngine(name: AnomalyEngineName): AnomalyEngine {
  return name === 'own' ? ownEngine : createPackageEngine()
}
