/**
 * The labelled outlier sets (ADBench's copies of ODDS and UCI data) beside the repository; they are for benchmarks only
 * and not shipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ROOT } from '../../core/runtime/program.ts'
import type { Rows } from '../../processors/anomaly/forest/forest.ts'

/** Beside the repository; a working tree of it may stand one folder deeper. */
const PLACES = ['../shared/data', '../../shared/data']

/** A file of the data sets, or undefined where they are not there. */
export function sharedFile(name: string): string | undefined {
  return PLACES.map((place) => join(ROOT, place, name)).find(existsSync)
}

/** Mean ROC AUC and its standard deviation over 10 seeds of isotree with 100 trees, ψ = 256. */
export const REFERENCE_AUC = {
  shuttle: { mean: 0.997, sd: 0.0008 },
  mammography: { mean: 0.862, sd: 0.008 },
  annthyroid: { mean: 0.822, sd: 0.012 },
  cardio: { mean: 0.921, sd: 0.011 },
  satellite: { mean: 0.697, sd: 0.018 },
  pima: { mean: 0.67, sd: 0.014 },
} as const

export type OutlierSetName = keyof typeof REFERENCE_AUC

export interface OutlierSet {
  rows: Rows
  /** 1 is an outlier. */
  labels: Uint8Array
}

/** Undefined where the folder is not there. */
export function readOutlierSet(name: OutlierSetName): OutlierSet | undefined {
  const file = sharedFile(`isolation-forest/${name}.csv.gz`)
  if (file === undefined) return undefined
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')
  const features = head!.split(',').length - 1
  const values = new Float64Array(lines.length * features)
  const labels = new Uint8Array(lines.length)
  for (const [row, line] of lines.entries()) {
    const cells = line.split(',')
    for (let feature = 0; feature < features; feature++)
      values[row * features + feature] = Number(cells[feature])
    labels[row] = Number(cells[features])
  }
  return { rows: { values, features }, labels }
}
