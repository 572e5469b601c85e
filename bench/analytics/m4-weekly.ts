/**
 * The weekly series of the M4 competition: 359 series, 13 weeks to forecast. They are not part of the repository; they
 * are read where they lie beside it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ROOT } from '../../core/runtime/program.ts'
import { mase, owa, smape } from '../../processors/forecast/accuracy.ts'

export const M4_FOLDER = join(ROOT, '../shared/data/m4-weekly')
export const M4_HORIZON = 13
/** What the competition published for its Naive2, which OWA is relative to. */
export const NAIVE2 = { smape: 9.161, mase: 2.777 }

export interface M4Series {
  history: Float64Array
  future: Float64Array
}

export interface M4Score {
  smape: number
  mase: number
  owa: number
}

/** Undefined where the files are not. */
export function readM4(folder: string): M4Series[] | undefined {
  const files = ['train', 'test'].map((part) => join(folder, `Weekly-${part}.csv.gz`))
  if (!files.every((file) => existsSync(file))) return undefined
  const [train, test] = files.map(readRows)
  return train!.map((history, i) => ({ history, future: test![i]! }))
}

/** Means over the series; the competition's weekly season is 1, so MASE is against naive. */
export function scoreM4(series: readonly M4Series[], forecasts: readonly Float64Array[]): M4Score {
  const score = { smape: 0, mase: 0 }
  series.forEach(({ history, future }, i) => {
    score.smape += smape(future, forecasts[i]!) / series.length
    score.mase += mase(future, forecasts[i]!, history, 1) / series.length
  })
  return { ...score, owa: owa(score, NAIVE2) }
}

/** Rows of unequal length: a name, then values, then nothing. */
function readRows(file: string): Float64Array[] {
  const [, ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  return lines.map((line) => {
    const [, ...cells] = line.trim().replaceAll('"', '').split(',')
    return Float64Array.from(cells.filter((cell) => cell !== '' && cell !== 'NA').map(Number))
  })
}
